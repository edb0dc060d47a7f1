package io.instanceworker.contracts;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What {@code instancectl doctor} has found out about one thing.
 *
 * @param check what was checked, in one or two words: {@code login}, {@code template}
 * @param text what was found, as a sentence; never contains a password
 * @param remedy the statement or the setting that corrects it; null if nothing is wrong, or if the text contains it
 */
public record Finding(
        String check, Level level, String text, @Nullable String remedy) {

    /** How bad it is. */
    public enum Level {
        OK,
        /** It could not be checked, or is good to know. */
        NOTE,
        /** Jobs are done, but not as well or as safely as they could be. */
        WARNING,
        /** Jobs will fail or wait. */
        ERROR
    }

    /** Whether this check has found an error. */
    public boolean isError(String wanted) {
        return level == Level.ERROR && check.equals(wanted);
    }

    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);

    /**
     * Compares the clock of a server with the local clock.
     *
     * @param before the local time before the server was asked
     * @param after the local time after it has answered
     */
    public static Finding ofClock(Instant server, Instant before, Instant after) {
        Instant local = server.isBefore(before) ? before : server.isAfter(after) ? after : server;
        Duration ahead = Duration.between(local, server);
        return ahead.abs().compareTo(CLOCK_TOLERANCE) <= 0
                ? ok("clock", "The clocks of the server and of this machine agree.")
                : warning(
                        "clock",
                        "The server's clock is " + ahead.abs().toSeconds() + " s "
                                + (ahead.isNegative() ? "behind" : "ahead of") + " the clock of this machine.",
                        "synchronize both clocks by NTP");
    }

    public static Finding ok(String check, String text) {
        return new Finding(check, Level.OK, text, null);
    }

    public static Finding note(String check, String text) {
        return new Finding(check, Level.NOTE, text, null);
    }

    public static Finding warning(String check, String text, @Nullable String remedy) {
        return new Finding(check, Level.WARNING, text, remedy);
    }

    public static Finding error(String check, String text, @Nullable String remedy) {
        return new Finding(check, Level.ERROR, text, remedy);
    }
}
