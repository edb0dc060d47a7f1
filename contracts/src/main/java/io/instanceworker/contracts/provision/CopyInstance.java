package io.instanceworker.contracts.provision;

/**
 * A copy to make.
 *
 * @param disconnectSource end the sessions on the source if the engine cannot copy a database in use
 * @param mark to be written on the copy
 */
public record CopyInstance(String databaseName, String sourceDatabase, boolean disconnectSource, OwnershipMark mark) {}
