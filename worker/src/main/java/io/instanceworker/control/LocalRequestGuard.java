package io.instanceworker.control;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Permits requests from the worker's own machine. Requests from other machines are permitted only if the settings say so. The
 * check is in the endpoints and not in a filter for paths, so that another spelling of a path does not bypass it.
 */
final class LocalRequestGuard {

    private static final Logger log = LoggerFactory.getLogger(LocalRequestGuard.class);

    private static final int FORBIDDEN = 403;
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9a-fA-F:.]+]");
    private static final Map<String, String> REASON = Map.of(
            "error",
            "This answers only to requests from the worker's own machine, and to no web page. See remote-control in the"
                    + " settings.");

    private final boolean remoteControl;

    LocalRequestGuard(boolean remoteControl) {
        this.remoteControl = remoteControl;
    }

    /** The answer to a refused request is 403 and not 404, so that an operator on another machine sees the reason. */
    WebEndpointResponse<?> answer(Supplier<?> answer) {
        HttpServletRequest request =
                ((ServletRequestAttributes) RequestContextHolder.currentRequestAttributes()).getRequest();
        if (mayAsk(request)) {
            return new WebEndpointResponse<>(answer.get());
        }
        log.info(
                "Refused a request from {} for the running jobs, pause or resume",
                request.getAttribute(PeerValve.PEER));
        return new WebEndpointResponse<>(REASON, FORBIDDEN);
    }

    /** A web page in a browser on this machine could send a request too. Then the browser sends the header Origin. */
    private boolean mayAsk(HttpServletRequest request) {
        return request.getHeader("Origin") == null
                && (remoteControl || (isLocal(request.getAttribute(PeerValve.PEER)) && asksThisMachine(request)));
    }

    /**
     * Against DNS rebinding: the host name of a web page may resolve to this machine. Then the browser sees no other origin and
     * sends no Origin, but Host is that name.
     */
    private static boolean asksThisMachine(HttpServletRequest request) {
        String host = String.valueOf(request.getHeader("Host")).replaceFirst(":[0-9]+$", "");
        return host.equalsIgnoreCase("localhost") || (ADDRESS.matcher(host).matches() && isLocal(host));
    }

    private static boolean isLocal(@Nullable Object peer) {
        try {
            // This is always an address and never a name, so there is no DNS lookup.
            return peer instanceof String address
                    && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
