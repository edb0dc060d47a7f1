package io.instanceworker.contracts.provision;

/** The address at which clients reach a server. */
public record ServerAddress(String host, int port) {}
