package io.instanceworker.messaging.deadletters;

import io.instanceworker.messaging.JobHeaders;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which messages are selected.
 *
 * @param values values of that kind; a message with one of these values is selected
 */
record Selection(Kind kind, Set<String> values) {

    /** A selection is of one kind only, because a publisher may choose a job id that looks like an id. */
    enum Kind {
        ALL,
        ID,
        JOB_ID,
        ERROR_CODE
    }

    static final Selection ALL = new Selection(Kind.ALL, Set.of());

    Selection {
        values = Set.copyOf(values);
    }

    boolean matches(DeadLetter letter) {
        String value = valueOf(letter);
        return kind == Kind.ALL || (value != null && values.contains(value));
    }

    /** The message's value of this kind; null if it has none. */
    @Nullable String valueOf(DeadLetter letter) {
        return switch (kind) {
            case ALL -> null;
            case ID -> letter.id();
            case JOB_ID -> letter.header(JobHeaders.JOB_ID);
            case ERROR_CODE -> letter.errorCode();
        };
    }
}
