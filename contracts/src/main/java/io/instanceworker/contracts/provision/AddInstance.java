package io.instanceworker.contracts.provision;

import org.jspecify.annotations.Nullable;

/**
 * A database to make.
 *
 * @param templateDatabase what the configuration gives for the template: a database or a backup file; null for an empty database
 * @param mark to be written on it
 */
public record AddInstance(String databaseName, @Nullable String templateDatabase, OwnershipMark mark) {}
