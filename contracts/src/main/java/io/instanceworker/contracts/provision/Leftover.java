package io.instanceworker.contracts.provision;

import java.time.Duration;

/**
 * What an attempt to make a database has begun under a name of the engine's own. Somebody may be at it still.
 *
 * @param databaseName the engine's own name for it, which tells nothing of a job
 * @param age how long ago it was begun, by the server's clock; never negative
 */
public record Leftover(String databaseName, Duration age) {}
