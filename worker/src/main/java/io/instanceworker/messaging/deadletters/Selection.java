package io.instanceworker.messaging.deadletters;

import io.instanceworker.messaging.JobHeaders;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which messages are meant.
 *
 * @param values of that kind; a message is meant that has one of them
 */
record Selection(Kind kind, Set<String> values) {

    /** Never mixed: a job id may look like an id, and publishers choose it. */
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

    /** By what this selection knows the message. */
    @Nullable String valueOf(DeadLetter letter) {
        return switch (kind) {
            case ALL -> null;
            case ID -> letter.id();
            case JOB_ID -> letter.header(JobHeaders.JOB_ID);
            case ERROR_CODE -> letter.errorCode();
        };
    }
}
