package io.instanceworker.provision;

import io.instanceworker.contracts.provision.InstanceProvisioner;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** One server of an engine under test, and a way past the provisioner to see what is really on it. */
public interface EngineFixture extends AutoCloseable {

    InstanceProvisioner provisioner();

    /** Makes a database by hand, with these rows in its one table. */
    void makeDatabase(String databaseName, List<String> rows);

    /** Makes a database that is a template, with these rows in its one table. */
    void makeTemplate(String databaseName, List<String> rows);

    /** Whether the server can keep deleted databases in a trash. */
    default boolean hasTrash() {
        return true;
    }

    /** What is in that table of a database. */
    List<String> rows(String databaseName);

    void addRow(String databaseName, String row);

    /**
     * Leaves behind what a crash leaves of an attempt to make a database.
     *
     * @param age how long ago it seems to have been begun
     * @return its own name
     */
    String leave(String databaseName, Duration age);

    /** The names of all databases, staging ones included, but not the engine's own. */
    Set<String> databases();

    /** Takes the bench's databases off the server. */
    @Override
    void close();
}
