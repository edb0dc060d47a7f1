package io.instanceworker.cli.diagnosis;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.Printable;
import io.instanceworker.contracts.json.StrictJson;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.function.BiConsumer;
import tools.jackson.databind.node.ObjectNode;

/** Asks workers at their management addresses. */
final class WorkerClient {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int OK = 200;

    private final Invocation invocation;
    private final WorkerOptions options;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    WorkerClient(Invocation invocation, WorkerOptions options) {
        this.invocation = invocation;
        this.options = options;
    }

    /**
     * Asks every worker, also if one of them does not answer.
     *
     * @param path such as {@code jobs}, below {@code /actuator}
     * @param answered gets each worker's address and answer
     * @return the exit code of the command
     */
    int ask(String method, String path, BiConsumer<URI, ObjectNode> answered) {
        String authorization = options.authorization();
        int exitCode = ExitCode.DONE;
        for (URI worker : options.workers()) {
            URI address = URI.create(worker.toString().replaceFirst("/+$", "") + "/actuator/" + path);
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(address).timeout(TIMEOUT).method(method, BodyPublishers.noBody());
            if (authorization != null) {
                request.header("Authorization", authorization);
            }
            try {
                HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
                if (response.statusCode() != OK) {
                    throw new IOException(refusal(response));
                }
                answered.accept(worker, StrictJson.parseObject(response.body()));
            } catch (IOException | IllegalArgumentException e) {
                invocation.err().println(Printable.of(worker + ": " + reason(e)));
                exitCode = ExitCode.BROKER;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return ExitCode.BROKER;
            }
        }
        return exitCode;
    }

    private static String reason(Exception e) {
        return e instanceof ConnectException || e.getMessage() == null
                ? "no worker answers at this address"
                : e.getMessage();
    }

    /** With the worker's own sentence, if there is one. */
    private static String refusal(HttpResponse<String> response) {
        String status = "the answer was HTTP status " + response.statusCode();
        try {
            return status + ", "
                    + StrictJson.parseObject(response.body()).path("error").asString("without a reason");
        } catch (IllegalArgumentException e) {
            return status;
        }
    }
}
