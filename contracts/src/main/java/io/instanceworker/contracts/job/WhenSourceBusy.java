package io.instanceworker.contracts.job;

import java.util.Optional;
import java.util.stream.Stream;

/** What a Copy does if other sessions use its source, on an engine that cannot copy a database in use. */
public enum WhenSourceBusy {
    /** Retry until the deadline. */
    WAIT("wait"),
    /** End the sessions on the source. Their clients are disconnected and their open transactions are rolled back. */
    DISCONNECT("disconnect");

    private final String jsonName;

    WhenSourceBusy(String jsonName) {
        this.jsonName = jsonName;
    }

    public String jsonName() {
        return jsonName;
    }

    /** The constant with this JSON name, compared without regard to case. */
    public static Optional<WhenSourceBusy> named(String name) {
        return Stream.of(values())
                .filter(w -> w.jsonName.equalsIgnoreCase(name))
                .findFirst();
    }
}
