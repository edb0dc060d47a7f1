package io.instanceworker.contracts;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a job asks for. Later schema versions add operations, so a reader must expect unknown names. */
public enum Operation {
    ADD("Add"),
    COPY("Copy"),
    DELETE("Delete"),
    /** An existing database becomes the instance's: only the ownership mark is written. */
    ADOPT("Adopt"),
    /** A deleted database comes back out of the trash. */
    RESTORE("Restore"),
    INFO("Info"),
    STATUS("Status");

    private final String jsonName;

    Operation(String jsonName) {
        this.jsonName = jsonName;
    }

    /** The name as messages carry it: {@code Add}. */
    public String jsonName() {
        return jsonName;
    }

    /** The name as routing keys and metric tags carry it: {@code add}. */
    public String lowerCaseName() {
        return jsonName.toLowerCase(Locale.ROOT);
    }

    /** Whether the operation changes databases or their marks. The other operations only run queries. */
    public boolean changesDatabases() {
        return this != INFO && this != STATUS;
    }

    /** The operation with this name, compared without regard to the case of ASCII letters: a dotless i is no i. */
    public static Optional<Operation> named(String name) {
        return Stream.of(values())
                .filter(o -> o.lowerCaseName().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst();
    }
}
