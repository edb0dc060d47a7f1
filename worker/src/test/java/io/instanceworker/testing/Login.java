package io.instanceworker.testing;

import java.security.SecureRandom;
import java.util.HexFormat;

/** A user of a test server. */
public record Login(String username, String password) {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** A password that nobody knows, of characters that need no quoting anywhere. */
    static Login withRandomPassword(String username) {
        return new Login(username, randomWord());
    }

    static String randomWord() {
        byte[] bytes = new byte[12];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public String toString() {
        return username;
    }
}
