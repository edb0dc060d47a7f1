package io.instanceworker.endtoend;

import java.util.Collection;

/** Passwords must be nowhere in what the worker says. */
final class Secrets {

    private Secrets() {}

    /** Does not repeat the secret itself, which would put it into the test's own report. */
    static void requireNone(Collection<String> secrets, String where, String text) {
        for (String secret : secrets) {
            int at = text.indexOf(secret);
            if (at >= 0) {
                throw new AssertionError("A password is in " + where + ", after: …"
                        + text.substring(Math.max(0, at - 100), at).replace(secret, "***"));
            }
        }
    }
}
