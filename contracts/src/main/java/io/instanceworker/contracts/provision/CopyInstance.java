package io.instanceworker.contracts.provision;

/**
 * A copy to create.
 *
 * @param disconnectSource end the sessions on the source if the engine cannot copy a database in use
 * @param mark the mark to write on the copy
 */
public record CopyInstance(String databaseName, String sourceDatabase, boolean disconnectSource, OwnershipMark mark) {}
