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
 * Whom the worker obeys: whoever asks from the machine itself, and others only if the settings say so. It is looked at where
 * the answer is made and not by paths, so that no spelling of a path leads around it.
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

    /** Not a 404: whoever operates the worker from the wrong place must see why, and that this is here is no secret. */
    WebEndpointResponse<?> answer(Supplier<?> answer) {
        HttpServletRequest request =
                ((ServletRequestAttributes) RequestContextHolder.currentRequestAttributes()).getRequest();
        if (mayAsk(request)) {
            return new WebEndpointResponse<>(answer.get());
        }
        log.info("Refused {} a look at the jobs or a word on consumption", request.getAttribute(PeerValve.PEER));
        return new WebEndpointResponse<>(REASON, FORBIDDEN);
    }

    /** A page in a browser on this machine could ask as well; the browser then says where the page is from. */
    private boolean mayAsk(HttpServletRequest request) {
        return request.getHeader("Origin") == null
                && (remoteControl || (isLocal(request.getAttribute(PeerValve.PEER)) && asksThisMachine(request)));
    }

    /** A page whose own name was made to lead here asks under that name, and the browser says of no other origin. */
    private static boolean asksThisMachine(HttpServletRequest request) {
        String host = String.valueOf(request.getHeader("Host")).replaceFirst(":[0-9]+$", "");
        return host.equalsIgnoreCase("localhost") || (ADDRESS.matcher(host).matches() && isLocal(host));
    }

    private static boolean isLocal(@Nullable Object peer) {
        try {
            // An address and never a name, so nothing is looked up.
            return peer instanceof String address
                    && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
