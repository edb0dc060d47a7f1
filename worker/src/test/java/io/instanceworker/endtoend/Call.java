package io.instanceworker.endtoend;

import io.instanceworker.cli.InstanceCtl;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.testing.VirtualHost;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A call of instancectl in this process. */
final class Call {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> settings = new ArrayList<>();
    private final Collection<String> secrets;
    private @Nullable UnaryOperator<String> person;

    private Call(VirtualHost host, Collection<String> secrets) {
        host.springProperties().forEach((name, value) -> settings.add("--" + name + "=" + value));
        this.secrets = secrets;
    }

    static Call to(VirtualHost host, Collection<String> secrets) {
        return new Call(host, secrets);
    }

    /** A person at a terminal, who answers every question so. */
    Call answering(String answer) {
        person = question -> {
            err.writeBytes(question.getBytes(StandardCharsets.UTF_8));
            return answer;
        };
        return this;
    }

    /** @return the exit code */
    int run(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(settings);
        int exitCode = InstanceCtl.run(
                all,
                new Invocation(
                        settings,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        person));
        Secrets.requireNone(secrets, "the output of " + List.of(words), out() + err());
        return exitCode;
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** The only JSON document of the output. */
    JsonNode json() {
        return JsonMapper.shared().readTree(out());
    }
}
