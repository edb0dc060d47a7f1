package io.instanceworker.contracts.result;

import java.util.Optional;
import java.util.stream.Stream;

/** An instance's status by its name in the Ed-Fi Admin API 2.4, and by the name that recorders of the older worker expect. */
public enum StatusName {
    CREATE_IN_PROGRESS("CreateInProgress", "InProgress"),
    CREATED("Created", "Completed"),
    CREATE_FAILED("CreateFailed", "Error"),
    CREATE_ERROR("CreateError", "Error"),
    DELETE_IN_PROGRESS("DeleteInProgress", "Pending_Delete"),
    DELETED("Deleted", "Deleted"),
    DELETE_FAILED("DeleteFailed", "Delete_Failed"),
    DELETE_ERROR("DeleteError", "Delete_Failed");

    private final String jsonName;
    private final String legacyName;

    StatusName(String jsonName, String legacyName) {
        this.jsonName = jsonName;
        this.legacyName = legacyName;
    }

    public String jsonName() {
        return jsonName;
    }

    public String legacyName() {
        return legacyName;
    }

    public static Optional<StatusName> named(String name) {
        return Stream.of(values()).filter(s -> s.jsonName.equals(name)).findFirst();
    }
}
