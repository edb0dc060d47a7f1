package io.instanceworker.control;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Keeps who is at the other end of the connection. A request's remote address is not that: where forwarded headers are
 * trusted, as Spring Boot does by itself on Kubernetes, whoever asks can write it.
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
