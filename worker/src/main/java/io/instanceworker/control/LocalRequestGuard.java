package io.instanceworker.control;

import io.instanceworker.settings.WorkerProperties.RemoteControl;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.http.HttpHeaders;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Permits requests from the worker's own machine. Requests from other machines are permitted only with the login in the settings,
 * by HTTP Basic authentication. The check is in the endpoints and not in a filter for paths, so that another spelling of a path
 * does not bypass it.
 */
final class LocalRequestGuard {

    private static final Logger log = LoggerFactory.getLogger(LocalRequestGuard.class);

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9a-fA-F:.]+]");
    private static final Map<String, String> REASON = Map.of(
            "error",
            "This answers only to requests from the worker's own machine or with the login of remote-control in the settings,"
                    + " and to no web page.");

    private final byte @Nullable [] authorization;

    /** @param remoteControl null if no other machine may send requests */
    LocalRequestGuard(@Nullable RemoteControl remoteControl) {
        this.authorization = remoteControl == null ? null : authorization(remoteControl);
    }

    /** The value of the header Authorization that permits a request. */
    private static byte[] authorization(RemoteControl login) {
        return bytes(
                "Basic " + HttpHeaders.encodeBasicAuth(login.username(), login.password(), StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The answer to a refused request is not 404, so that an operator on another machine sees the reason. */
    WebEndpointResponse<?> answer(Supplier<?> answer) {
        ServletRequestAttributes current = (ServletRequestAttributes) RequestContextHolder.currentRequestAttributes();
        HttpServletRequest request = current.getRequest();
        // A web page in a browser on this machine could send a request too. Then the browser sends the header Origin.
        boolean fromWebPage = request.getHeader("Origin") != null;
        if (!fromWebPage && (isLocal(request) || isAuthorized(request))) {
            return new WebEndpointResponse<>(answer.get());
        }
        log.info(
                "Refused a request from {} for the running jobs, pause or resume",
                request.getAttribute(PeerValve.PEER));
        if (fromWebPage || authorization == null) {
            return new WebEndpointResponse<>(REASON, FORBIDDEN);
        }
        Objects.requireNonNull(current.getResponse())
                .setHeader(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"instance-worker\"");
        return new WebEndpointResponse<>(REASON, UNAUTHORIZED);
    }

    /** In a time that does not depend on how much of the login is right. */
    private boolean isAuthorized(HttpServletRequest request) {
        String given = request.getHeader(HttpHeaders.AUTHORIZATION);
        return authorization != null && given != null && MessageDigest.isEqual(authorization, bytes(given));
    }

    private static boolean isLocal(HttpServletRequest request) {
        return isLocal(request.getAttribute(PeerValve.PEER)) && asksThisMachine(request);
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
