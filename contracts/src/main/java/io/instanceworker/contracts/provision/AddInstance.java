package io.instanceworker.contracts.provision;

import org.jspecify.annotations.Nullable;

/**
 * A database to create.
 *
 * @param templateDatabase the configured database or backup file of the template; null for an empty database
 * @param mark the mark to write on the database
 */
public record AddInstance(String databaseName, @Nullable String templateDatabase, OwnershipMark mark) {}
