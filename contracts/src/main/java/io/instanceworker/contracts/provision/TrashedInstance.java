package io.instanceworker.contracts.provision;

import io.instanceworker.contracts.InstanceState;
import java.time.Duration;

/**
 * A deleted database in the trash.
 *
 * @param databaseName its name while it is there
 * @param age how long ago it was deleted, by the server's clock; never negative
 */
public record TrashedInstance(String databaseName, InstanceState state, TrashMark mark, Duration age) {}
