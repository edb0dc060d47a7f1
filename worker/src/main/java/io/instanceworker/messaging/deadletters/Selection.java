package io.instanceworker.messaging.deadletters;

import io.instanceworker.messaging.JobHeaders;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * Which messages are selected: those that have, of each given kind, one of the values.
 *
 * @param values the values of each given kind; empty for every message
 * @param since only messages that were dead-lettered at this time or later; null for any time
 */
record Selection(
        Map<Kind, NavigableSet<String>> values, @Nullable Instant since) {

    /** A selection says of which kind a value is, because a publisher may choose a job id that looks like an id. */
    enum Kind {
        ID,
        JOB_ID,
        ERROR_CODE,
        OPERATION,
        SERVER,
        DATABASE;

        /** The message's value of this kind; null if it has none. */
        @Nullable String of(DeadLetter letter) {
            return switch (this) {
                case ID -> letter.id();
                case JOB_ID -> letter.jobId();
                case ERROR_CODE -> letter.errorCode();
                case OPERATION -> letter.operation();
                case SERVER -> letter.server();
                case DATABASE -> letter.databaseName();
            };
        }
    }

    static final Selection ALL = new Selection(Map.of(), null);

    boolean matches(DeadLetter letter) {
        return values.entrySet().stream().allMatch(kind -> {
                    String value = kind.getKey().of(letter);
                    return value != null && kind.getValue().contains(value);
                })
                && (since == null || isLater(letter.failure(JobHeaders.LAST_FAILURE), since));
    }

    private static boolean isLater(@Nullable String time, Instant since) {
        try {
            return time != null && !Instant.parse(time).isBefore(since);
        } catch (DateTimeException e) {
            return false;
        }
    }
}
