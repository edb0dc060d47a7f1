package io.instanceworker.contracts.provision;

/** Where clients reach a server. */
public record ServerAddress(String host, int port) {}
