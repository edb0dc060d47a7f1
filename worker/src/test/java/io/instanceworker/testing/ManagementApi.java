package io.instanceworker.testing;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** RabbitMQ's HTTP API, used as its management page uses it: what a person who types a job there really sends. */
public final class ManagementApi {

    /** What happens to the messages that a look took: the choices of the management page. */
    public enum AckMode {
        ACK_REQUEUE_TRUE,
        ACK_REQUEUE_FALSE,
        REJECT_REQUEUE_TRUE,
        REJECT_REQUEUE_FALSE
    }

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    private final String api;
    private final Login login;

    ManagementApi(URI url, Login login) {
        this.api = url.toString().replaceFirst("/+$", "") + "/api";
        this.login = login;
    }

    public String version() {
        return json(get("/overview")).get("rabbitmq_version").asString();
    }

    /** With all permissions on it for this user. */
    public void createVirtualHost(String name) {
        send("PUT", "/vhosts/" + encode(name), Map.of());
        send(
                "PUT",
                "/permissions/" + encode(name) + "/" + encode(login.username()),
                Map.of("configure", ".*", "write", ".*", "read", ".*"));
    }

    /** With all permissions on this virtual host, and no tags. */
    public Login createUser(String virtualHost, String name) {
        Login user = new Login(name, UUID.randomUUID().toString());
        createUser(user, virtualHost, ".*", ".*", ".*");
        return user;
    }

    public void deleteUser(Login user) {
        send("DELETE", "/users/" + encode(user.username()), null);
    }

    public void deleteVirtualHost(String name) {
        send("DELETE", "/vhosts/" + encode(name), null);
    }

    /** A user with these permissions in one virtual host. */
    public void createUser(Login user, String virtualHost, String configure, String write, String read) {
        send("PUT", "/users/" + encode(user.username()), Map.of("password", user.password(), "tags", ""));
        send(
                "PUT",
                "/permissions/" + encode(virtualHost) + "/" + encode(user.username()),
                Map.of("configure", configure, "write", write, "read", read));
    }

    /** Imports definitions, as rabbitmqctl import_definitions does. */
    public void importDefinitions(String json) {
        send("POST", "/definitions", JSON.readTree(json));
    }

    /** Publishes a persistent text as the page does, and fails unless a queue took it. */
    public void publish(String virtualHost, String exchange, String routingKey, String payload) {
        publish(virtualHost, exchange, routingKey, payload, Map.of());
    }

    /** The same with AMQP properties by their names on the wire, such as content_type, reply_to and headers. */
    public void publish(
            String virtualHost, String exchange, String routingKey, String payload, Map<String, ?> properties) {
        requireRouted(routed(virtualHost, exchange, routingKey, payload, "string", properties), exchange, routingKey);
    }

    /** The same with any bytes. */
    public void publish(
            String virtualHost, String exchange, String routingKey, byte[] payload, Map<String, ?> properties) {
        String encoded = Base64.getEncoder().encodeToString(payload);
        requireRouted(routed(virtualHost, exchange, routingKey, encoded, "base64", properties), exchange, routingKey);
    }

    private static void requireRouted(boolean routed, String exchange, String routingKey) {
        if (!routed) {
            throw new AssertionError("Not routed: exchange \"" + exchange + "\", routing key \"" + routingKey + "\"");
        }
    }

    private boolean routed(
            String virtualHost,
            String exchange,
            String routingKey,
            String payload,
            String encoding,
            Map<String, ?> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        all.putIfAbsent("delivery_mode", 2);
        String name = exchange.isEmpty() ? "amq.default" : exchange;
        HttpResponse<String> response = send(
                "POST",
                "/exchanges/" + encode(virtualHost) + "/" + encode(name) + "/publish",
                Map.of(
                        "properties", all,
                        "routing_key", routingKey,
                        "payload", payload,
                        "payload_encoding", encoding));
        return json(response).get("routed").asBoolean();
    }

    /** Up to so many messages from the head of a queue. */
    public List<QueuedMessage> get(String virtualHost, String queue, int count, AckMode mode) {
        HttpResponse<String> response = send(
                "POST",
                queuePath(virtualHost, queue) + "/get",
                Map.of("count", count, "ackmode", mode.name().toLowerCase(Locale.ROOT), "encoding", "base64"));
        return json(response).valueStream().map(QueuedMessage::of).toList();
    }

    /** A queue's definition; the numbers in it are many seconds old. */
    public JsonNode queue(String virtualHost, String queue) {
        return json(get(queuePath(virtualHost, queue)));
    }

    /** Ready and unacknowledged messages, some seconds late: to be awaited. {@link VirtualHost#ready} is exact. */
    public long depth(String virtualHost, String queue) {
        // Of all views this one lags least: five seconds with a quorum queue.
        return read("/queues/" + encode(virtualHost) + "?disable_stats=true&enable_queue_totals=true")
                .valueStream()
                .filter(each -> each.get("name").asString().equals(queue))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No queue " + queue + " in " + virtualHost))
                .path("messages")
                .asLong(0);
    }

    /** Anything else: the path after /api, with its parts encoded. */
    public JsonNode read(String path) {
        return json(get(path));
    }

    private static String queuePath(String virtualHost, String queue) {
        return "/queues/" + encode(virtualHost) + "/" + encode(queue);
    }

    static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    private HttpResponse<String> get(String path) {
        return send("GET", path, null);
    }

    private HttpResponse<String> send(String method, String path, Object body) {
        String credentials = login.username() + ":" + login.password();
        HttpRequest request = HttpRequest.newBuilder(URI.create(api + path))
                .timeout(TIMEOUT)
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new IllegalStateException(
                        method + " " + path + ": " + response.statusCode() + " " + response.body());
            }
            return response;
        } catch (IOException e) {
            throw new IllegalStateException(method + " " + path + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
