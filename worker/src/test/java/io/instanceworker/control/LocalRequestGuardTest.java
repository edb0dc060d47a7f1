package io.instanceworker.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.settings.WorkerProperties.RemoteControl;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Whom the worker obeys. */
class LocalRequestGuardTest {

    private final MockHttpServletRequest request = new MockHttpServletRequest("POST", "/actuator/consumption/pause");

    private static final RemoteControl LOGIN = new RemoteControl("ops", "Correct-Horse:4711-ü");

    private final MockHttpServletResponse response = new MockHttpServletResponse();

    private int status(RemoteControl remoteControl, String peer) {
        return status(remoteControl, peer, "localhost:8081");
    }

    private int status(RemoteControl remoteControl, String peer, String host) {
        request.setAttribute(PeerValve.PEER, peer);
        request.removeHeader("Host");
        if (host != null) {
            request.addHeader("Host", host);
        }
        RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(request, response));
        return new LocalRequestGuard(remoteControl).answer(() -> "done").getStatus();
    }

    private void authorize(String username, String password) {
        request.removeHeader("Authorization");
        request.addHeader(
                "Authorization", "Basic " + HttpHeaders.encodeBasicAuth(username, password, StandardCharsets.UTF_8));
    }

    @AfterEach
    void clear() {
        RequestContextHolder.resetRequestAttributes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.8.9.10", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"})
    void aRequestFromTheSameMachineIsPermitted(String peer) {
        assertThat(status(null, peer)).isEqualTo(200);
        assertThat(status(LOGIN, peer)).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.7", "192.168.1.1", "128.0.0.1", "0.0.0.0", "fe80::1", "::ffff:10.0.0.7", "2001:db8::1"})
    void aRequestFromAnotherMachineIsPermittedOnlyWithTheLoginInTheSettings(String peer) {
        // What forwarded headers make of the remote address does not count.
        request.setRemoteAddr("127.0.0.1");
        assertThat(status(null, peer)).isEqualTo(403);
        assertThat(status(LOGIN, peer)).isEqualTo(401);
        assertThat(response.getHeader("WWW-Authenticate")).isEqualTo("Basic realm=\"instance-worker\"");
        authorize(LOGIN.username(), LOGIN.password());
        assertThat(status(LOGIN, peer)).isEqualTo(200);
        assertThat(status(null, peer)).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "ops,wrong",
        "ops,''",
        "'',Correct-Horse:4711-ü",
        "other,Correct-Horse:4711-ü",
        "OPS,Correct-Horse:4711-ü"
    })
    void aWrongLoginIsRefused(String username, String password) {
        authorize(username, password);
        assertThat(status(LOGIN, "10.0.0.7")).isEqualTo(401);
    }

    @Test
    void anAuthorizationOfAnotherKindIsRefused() {
        request.addHeader("Authorization", "Bearer " + LOGIN.password());
        assertThat(status(LOGIN, "10.0.0.7")).isEqualTo(401);
    }

    @Test
    void aRequestWithoutAPeerAddressIsRefused() {
        request.setRemoteAddr("127.0.0.1");
        assertThat(status(null, null)).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LocalHost:1", "127.0.0.1:8081", "127.0.0.1", "[::1]:8081", "[::1]"})
    void aRequestWithTheMachinesOwnHostIsPermitted(String host) {
        assertThat(status(null, "127.0.0.1", host)).isEqualTo(200);
    }

    /** A web page asks so once its name, which is the page's own origin, was made to lead to this machine. */
    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {"", "page.example:8081", "localhost.page.example", "127.0.0.1.page.example", "10.0.0.7", "[]"})
    void aRequestWithAForeignHostIsPermittedOnlyWithTheLogin(String host) {
        assertThat(status(null, "127.0.0.1", host)).isEqualTo(403);
        assertThat(status(LOGIN, "127.0.0.1", host)).isEqualTo(401);
        authorize(LOGIN.username(), LOGIN.password());
        assertThat(status(LOGIN, "127.0.0.1", host)).isEqualTo(200);
    }

    @Test
    void aRequestOfAWebPageIsRefused() {
        request.addHeader("Origin", "http://localhost:8081");
        assertThat(status(null, "127.0.0.1")).isEqualTo(403);
        // A browser adds the login that somebody has typed before.
        authorize(LOGIN.username(), LOGIN.password());
        assertThat(status(LOGIN, "127.0.0.1")).isEqualTo(403);
    }
}
