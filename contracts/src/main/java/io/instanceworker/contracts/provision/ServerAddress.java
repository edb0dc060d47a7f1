package io.instanceworker.contracts.provision;

import java.util.regex.Pattern;

/** The address at which clients reach a server. */
public record ServerAddress(String host, int port) {

    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?::1]?", Pattern.CASE_INSENSITIVE);

    /** Whether it is an address of the machine itself. Only its form counts; a name is not resolved. */
    public boolean isLoopback() {
        return LOOPBACK.matcher(host).matches();
    }
}
