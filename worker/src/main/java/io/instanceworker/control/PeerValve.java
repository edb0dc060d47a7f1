package io.instanceworker.control;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Stores the address of the connection's peer. A request's remote address cannot be trusted: if forwarded headers are used,
 * which is Spring Boot's default on Kubernetes, a client can set it.
 */
final class PeerValve extends ValveBase {

    static final String PEER = PeerValve.class.getName();

    PeerValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        request.setAttribute(PEER, request.getPeerAddr());
        getNext().invoke(request, response);
    }
}
