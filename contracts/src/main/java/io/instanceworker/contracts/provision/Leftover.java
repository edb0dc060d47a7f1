package io.instanceworker.contracts.provision;

import java.time.Duration;

/**
 * A database that an attempt has started to create under a name of the engine's own. A job may still work on it.
 *
 * @param databaseName the engine's own name of the database; it does not show the job
 * @param age how long ago the attempt started, by the server's clock; never negative
 */
public record Leftover(String databaseName, Duration age) {}
