package io.instanceworker.cli.diagnosis;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.JsonArray;
import io.instanceworker.cli.console.OutputOptions;
import io.instanceworker.cli.console.Printable;
import io.instanceworker.contracts.Finding;
import io.instanceworker.contracts.Finding.Level;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.messaging.diagnosis.BrokerDiagnosis;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Servers;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

/** The command {@code instancectl doctor}. */
@Command(
        name = "doctor",
        description = {
            "checks the settings, RabbitMQ and every configured server, and says which statement or setting corrects what is wrong",
            "Needs the settings of a worker, and no worker that runs. Changes nothing."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            ExitCode.DONE + ":Nothing is wrong. There may be warnings.",
            ExitCode.NOT_DONE + ":Something is wrong.",
            ExitCode.USAGE + ":The command makes no sense."
        })
public final class DoctorCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private OutputOptions output = new OutputOptions();

    public DoctorCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        Map<String, List<Finding>> found = new LinkedHashMap<>();
        try (WorkerSettings settings = new WorkerSettings(invocation.settings())) {
            boolean right = settings.mistakes().isEmpty();
            found.put(
                    "settings", right ? List.of(Finding.ok("settings", "They have no mistakes.")) : mistakes(settings));
            found.put("RabbitMQ", BrokerDiagnosis.of(settings.broker(), right ? settings.properties() : null));
            if (right) {
                diagnoseServers(settings, found);
            }
        }
        if (output.json()) {
            printJson(found);
        } else {
            print(found);
        }
        return count(found, Level.ERROR) == 0 ? ExitCode.DONE : ExitCode.NOT_DONE;
    }

    private static List<Finding> mistakes(WorkerSettings settings) {
        return settings.mistakes().stream()
                .map(mistake -> Finding.error(
                        "settings", mistake, "docs/settings.md. The servers and queues are checked when all are right"))
                .toList();
    }

    private static void diagnoseServers(WorkerSettings settings, Map<String, List<Finding>> found) {
        try (Servers servers = settings.servers()) {
            for (Server server : servers.all()) {
                List<Finding> ofServer = new ArrayList<>();
                server.risks().forEach(risk -> ofServer.add(Finding.warning("tls", risk, null)));
                ofServer.addAll(server.provisioner()
                        .diagnose(settings.properties()
                                .server(server.name())
                                .templates()
                                .values()));
                found.put("server " + server.name(), ofServer);
            }
        }
    }

    private void print(Map<String, List<Finding>> found) {
        PrintStream out = invocation.out();
        found.forEach((subject, findings) -> {
            out.println(subject);
            for (Finding finding : findings) {
                out.println("  " + word(finding.level()) + finding.check() + ": " + Printable.of(finding.text()));
                if (finding.remedy() != null) {
                    out.println(" ".repeat(11) + "-> " + Printable.of(finding.remedy()));
                }
            }
        });
        long errors = count(found, Level.ERROR);
        long warnings = count(found, Level.WARNING);
        out.println(errors + warnings == 0 ? "Nothing is wrong." : errors + " errors, " + warnings + " warnings");
    }

    /** What is wrong is in capital letters, so that it is found in a long answer. */
    private static String word(Level level) {
        return switch (level) {
            case OK -> "ok       ";
            case NOTE -> "note     ";
            case WARNING -> "WARNING  ";
            case ERROR -> "ERROR    ";
        };
    }

    private void printJson(Map<String, List<Finding>> found) {
        List<ObjectNode> objects = new ArrayList<>();
        found.forEach((subject, findings) -> findings.forEach(finding -> objects.add(StrictJson.newObject()
                .put("subject", subject)
                .put("check", finding.check())
                .put("level", finding.level().name().toLowerCase(Locale.ROOT))
                .put("text", finding.text())
                .put("remedy", finding.remedy()))));
        JsonArray.print(invocation.out(), objects);
    }

    private static long count(Map<String, List<Finding>> found, Level level) {
        return found.values().stream()
                .flatMap(List::stream)
                .filter(finding -> finding.level() == level)
                .count();
    }
}
