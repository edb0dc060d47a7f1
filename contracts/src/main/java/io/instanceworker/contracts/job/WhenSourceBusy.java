package io.instanceworker.contracts.job;

import java.util.Optional;
import java.util.stream.Stream;

/** What a Copy does while others are connected to its source, on an engine that cannot copy a database in use. */
public enum WhenSourceBusy {
    /** Try again until the deadline. */
    WAIT("wait"),
    /** End the sessions on the source: whoever works there loses the connection and what was not committed. */
    DISCONNECT("disconnect");

    private final String jsonName;

    WhenSourceBusy(String jsonName) {
        this.jsonName = jsonName;
    }

    public String jsonName() {
        return jsonName;
    }

    /** The choice of that name, without regard to case. */
    public static Optional<WhenSourceBusy> named(String name) {
        return Stream.of(values())
                .filter(w -> w.jsonName.equalsIgnoreCase(name))
                .findFirst();
    }
}
