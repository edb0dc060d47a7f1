package io.instanceworker.contracts.result;

import io.instanceworker.contracts.Operation;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The outcome of a job or of an attempt, as in the property {@code outcome} and in the routing key. */
public enum OutcomeKind {
    IN_PROGRESS("InProgress", StatusName.CREATE_IN_PROGRESS, StatusName.DELETE_IN_PROGRESS),
    SUCCEEDED("Succeeded", StatusName.CREATED, StatusName.DELETED),
    /** This attempt failed. Another attempt follows. */
    FAILED("Failed", StatusName.CREATE_FAILED, StatusName.DELETE_FAILED),
    /** The job failed. No attempt follows. */
    ERROR("Error", StatusName.CREATE_ERROR, StatusName.DELETE_ERROR),
    /** The message is not a job. Nothing was started. */
    REJECTED("Rejected", StatusName.CREATE_ERROR, StatusName.DELETE_ERROR);

    private final String jsonName;
    private final StatusName whenMaking;
    private final StatusName whenDeleting;

    OutcomeKind(String jsonName, StatusName whenMaking, StatusName whenDeleting) {
        this.jsonName = jsonName;
        this.whenMaking = whenMaking;
        this.whenDeleting = whenDeleting;
    }

    public String jsonName() {
        return jsonName;
    }

    /** The name as routing keys and metric tags carry it. */
    public String lowerCaseName() {
        return jsonName.toLowerCase(Locale.ROOT);
    }

    /** Whether this is the last event of this run of the job. */
    public boolean terminal() {
        return this == SUCCEEDED || this == ERROR || this == REJECTED;
    }

    public boolean isError() {
        return this == FAILED || this == ERROR || this == REJECTED;
    }

    /** The instance's new status; null if the operation does not change it or is not known. */
    public @Nullable StatusName status(@Nullable Operation operation) {
        if (operation == null) {
            return null;
        }
        return switch (operation) {
            case ADD, COPY, ADOPT, RESTORE -> whenMaking;
            case DELETE -> whenDeleting;
            case INFO, STATUS -> null;
        };
    }

    public static Optional<OutcomeKind> named(String name) {
        return Stream.of(values()).filter(o -> o.jsonName.equals(name)).findFirst();
    }
}
