package io.instanceworker.demo;

import io.instanceworker.demo.Terminal.Style;
import io.instanceworker.testing.PostgresServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** How to try the running worker by hand. What is to be pasted stands alone on its line, uncoloured. */
final class Invitation {

    private final Terminal terminal;
    private final Broker broker;
    private final Databases databases;
    private final Worker worker;

    Invitation(Terminal terminal, Broker broker, Databases databases, Worker worker) {
        this.terminal = terminal;
        this.broker = broker;
        this.databases = databases;
        this.worker = worker;
    }

    void print() {
        PostgresServer postgres = databases.server();
        terminal.blank();
        terminal.line(
                terminal.styled(Style.STRONG, "All of it goes on running. Ctrl-C stops it and removes everything."));

        heading("Send a job on RabbitMQ's management page");
        item("page", page("exchanges", Broker.JOBS));
        item("user", broker.server().username());
        item("password", broker.server().password());
        item("there", "open \"Publish message\"; exchange " + Broker.JOBS);
        item("routing key", "job.add");
        terminal.line("  payload      (to paste)");
        terminal.line("""
                {"operation": "Add", "template": "Minimal",
                 "instance": {"id": "7", "tenant": "255901", "name": "My own",
                              "databaseName": "edfi_my_own"}}""");

        heading("See the results");
        item("here", "below, as they come");
        item("page", page("queues", Broker.STATUS));
        item("there", "\"Get messages\"; they stay there until somebody takes them");

        heading("Look at the databases");
        item(
                "with psql",
                "psql postgresql://" + postgres.superuser().username() + ":"
                        + postgres.superuser().password() + "@" + postgres.host() + ":" + postgres.port() + "/"
                        + Scenario.FIRST);
        item("with JDBC", postgres.jdbcUrl(Scenario.FIRST));
        item("user", postgres.superuser().username());
        item("password", postgres.superuser().password());

        heading("Look at the worker");
        item("health", worker.healthUrl());
        item("log", worker.log().toString());
        terminal.blank();
    }

    private void heading(String text) {
        terminal.blank();
        terminal.line(terminal.styled(Style.STRONG, text));
    }

    private void item(String name, String value) {
        terminal.line("  %-12s %s".formatted(name, value));
    }

    private String page(String kind, String name) {
        return broker.server().managementUrl() + "/#/" + kind + "/"
                + URLEncoder.encode(broker.virtualHost(), StandardCharsets.UTF_8) + "/" + name;
    }
}
