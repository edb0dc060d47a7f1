package io.instanceworker.endtoend;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Thinks up the jobs of a run: some tens of instances that want fewer databases, sensible and not. */
final class ChaosJobs {

    static final String PREFIX = "edfi_";
    static final int NAMES = 25;
    private static final int INSTANCES = 40;

    /** The templates; nobody can copy from the last. */
    static final String MINIMAL = "tpl_minimal";

    static final String POPULATED = "tpl_populated";
    static final String HELD = "tpl_held";

    static final List<String> BYSTANDERS = List.of("bystander_1", "bystander_2", "bystander_3");

    private final RandomGenerator random;
    private final ChaosForm form;
    private final Instant start;
    private final List<ChaosPost> posts = new ArrayList<>();
    private int jobs;

    ChaosJobs(RandomGenerator random, ChaosForm form, Instant start) {
        this.random = random;
        this.form = form;
        this.start = start;
    }

    static String database(int number) {
        return PREFIX + "%03d".formatted(number);
    }

    List<ChaosPost> posts() {
        while (jobs < form.jobs()) {
            someJob((long) (random.nextDouble() * form.millis()), random.nextInt(100));
        }
        return posts;
    }

    private void someJob(long at, int percent) {
        if (percent < 8) {
            rivals(at);
        } else if (percent < 16) {
            posts.add(send(at, usual()).again(0));
        } else if (percent < 21) {
            posts.add(send(at, usual()).again(random.nextLong(form.millis() / 4, form.millis() / 2)));
        } else if (percent < 25) {
            send(at, usual().without("jobId"));
        } else if (percent < 29) {
            send(at, hurried());
        } else if (percent < 32) {
            malformed(at);
        } else if (percent < 38) {
            send(at, unreasonable());
        } else if (percent < 42) {
            sendSpeltOtherwise(at);
        } else if (percent < 44) {
            send(at, alone("Add").template("Held"));
        } else {
            send(at, usual());
        }
    }

    private ChaosPost send(long at, JobJson job) {
        return post(at, routingKey(job.operation()), job.toString());
    }

    private ChaosPost post(long at, String routingKey, String body) {
        ChaosPost post = new ChaosPost(at, routingKey, body);
        posts.add(post);
        return post;
    }

    /** Most know the lane; what does not arrives all the same. */
    private String routingKey(String operation) {
        return random.nextInt(5) == 0 ? "typed-by-hand" : "job." + operation.toLowerCase(Locale.ROOT);
    }

    /** Two jobs for one name at one moment, of two instances or of one. */
    private void rivals(long at) {
        int name = random.nextInt(INSTANCES - NAMES);
        for (int i = 0; i < 2; i++) {
            send(at, change(random.nextBoolean() ? name : name + NAMES));
        }
    }

    private JobJson usual() {
        int instance = anyInstance();
        return switch (random.nextInt(20)) {
            case 0, 1 -> of("Info", instance, nameOf(instance));
            case 2, 3 -> of("Status", instance, nameOf(instance));
            case 4 -> page();
            default -> change(instance);
        };
    }

    private JobJson change(int instance) {
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> add(instance, nameOf(instance));
            case 4, 5 -> copy(instance);
            default -> of("Delete", instance, nameOf(instance));
        };
    }

    private JobJson add(int instance, String database) {
        JobJson job = of("Add", instance, database);
        return switch (random.nextInt(5)) {
            case 0, 1 -> job.template("Minimal");
            case 2, 3 -> job.template("populated");
            default -> job;
        };
    }

    private JobJson copy(int instance) {
        String source = switch (random.nextInt(6)) {
            case 0 -> MINIMAL;
            case 1 -> POPULATED;
            default -> database(random.nextInt(NAMES));
        };
        JobJson job = of("Copy", instance, nameOf(instance)).source(source);
        return random.nextInt(5) < 2 ? job.with("whenSourceBusy", "disconnect") : job;
    }

    private JobJson page() {
        JobJson job = JobJson.of("Status", nextId());
        return random.nextBoolean() ? job.with("perPage", 1 + random.nextInt(10)) : job.with("all", true);
    }

    /** Must be done soon, which it may or may not be; some want what they cannot have before that. */
    private JobJson hurried() {
        JobJson job = random.nextInt(3) == 0 ? alone("Copy").source(HELD) : usual();
        long millis = random.nextLong(form.millis());
        return job.with("deadline", start.plusMillis(millis).toString());
    }

    private JobJson unreasonable() {
        int instance = anyInstance();
        return switch (random.nextInt(8)) {
            case 0 -> add(instance, nameOf(instance)).template("Unheard-of");
            case 1 -> of("Copy", instance, nameOf(instance)).source("edfi_none");
            case 2 -> of("Copy", instance, nameOf(instance)).source(bystander());
            case 3 -> of("Delete", instance, random.nextBoolean() ? "EdFi_Admin" : POPULATED);
            case 4 -> add(instance, "postgres");
            case 5 -> of("Delete", instance, bystander());
            case 6 -> add(instance, bystander());
            default -> of("Delete", instance, bystander()).with("allowUnmanaged", true);
        };
    }

    private String bystander() {
        return BYSTANDERS.get(random.nextInt(BYSTANDERS.size()));
    }

    private void malformed(long at) {
        jobs++;
        String word = Integer.toHexString(random.nextInt());
        switch (random.nextInt(4)) {
            case 0 -> post(at, "job.add", "{\"operation\": \"Add\", " + word);
            case 1 -> post(at, "job.add", "not JSON " + word);
            case 2 -> send(at, JobJson.of("Restore", "refused-" + word));
            default -> send(at, JobJson.of("Add", "refused-" + word).with("template", 7));
        }
    }

    /** As a service in .NET writes it, or a person in a hurry. */
    private void sendSpeltOtherwise(long at) {
        JobJson job = usual();
        boolean pascal = random.nextBoolean();
        Map<String, JsonNode> spelt = new TreeMap<>();
        JsonMapper.shared()
                .readTree(job.toString())
                .properties()
                .forEach(property -> spelt.put(
                        pascal
                                ? property.getKey().substring(0, 1).toUpperCase(Locale.ROOT)
                                        + property.getKey().substring(1)
                                : property.getKey().toLowerCase(Locale.ROOT),
                        property.getValue()));
        post(at, routingKey(job.operation()), JsonMapper.shared().writeValueAsString(spelt));
    }

    /** Those of the higher numbers want names that belong to others, so they come less often. */
    private int anyInstance() {
        return random.nextInt(random.nextInt(4) == 0 ? INSTANCES : NAMES);
    }

    /** An instance keeps to one name, which some of them share. */
    private static String nameOf(int instance) {
        return database(instance % NAMES);
    }

    /** For an instance and a name that no other job is about. */
    private JobJson alone(String operation) {
        int number = INSTANCES + jobs;
        return of(operation, number, database(number));
    }

    private JobJson of(String operation, int instance, String database) {
        return JobJson.of(operation, nextId(), database)
                .instance("id", instance)
                .instance("tenant", "tenant" + instance % 3);
    }

    private String nextId() {
        return "job-%03d".formatted(++jobs);
    }
}
