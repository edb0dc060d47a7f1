package io.instanceworker.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Reads the properties. It continues after a mistake, so that all mistakes are reported together. */
public final class SettingsReader {

    private static final String PREFIX = "instance-worker";

    private static final Duration LONGEST = Duration.ofDays(365);

    /** RabbitMQ accepts a time to live of at most 2^32 - 1 ms, which is 49 days. */
    private static final Duration LONGEST_TIER = Duration.ofDays(30);

    private static final double LARGEST_JITTER = 0.9;

    /** Environment variables of Kubernetes for a Service: {@code INSTANCEWORKER_SERVICE_HOST}, {@code …_PORT_8081_TCP_ADDR}. */
    private static final Pattern SERVICE_VARIABLE = Pattern.compile(
            ".+\\.(service\\.host|service\\.port(\\..+)?|port(\\[\\d+]\\.(tcp|udp|sctp)(\\.(proto|port|addr))?)?)");

    private static final String REMOTE_CONTROL = PREFIX + ".remote-control: ";

    private SettingsReader() {}

    /**
     * @param mistakes every mistake is added here; a property that cannot be read gets its default
     */
    public static WorkerProperties read(Environment environment, List<String> mistakes) {
        Binder binder = Binder.get(environment);
        Bindable<WorkerProperties> target = Bindable.of(WorkerProperties.class);
        WorkerProperties properties = binder.bindOrCreate(PREFIX, target, new Collecting(mistakes));
        mistakes.replaceAll(mistake -> mistake.startsWith(REMOTE_CONTROL)
                ? REMOTE_CONTROL
                        + "is not true or false any more; set remote-control.username and remote-control.password,"
                        + " or remove it"
                : mistake);
        List<String> unreadable =
                mistakes.stream().map(m -> m.substring(0, m.indexOf(':'))).toList();
        unknownProperties(binder, target).stream()
                .filter(name -> !unreadable.contains(name))
                .forEach(name -> mistakes.add(name + ": is not a setting"));
        findMistakes(properties, mistakes);
        return properties;
    }

    private static void findMistakes(WorkerProperties properties, List<String> mistakes) {
        WorkerProperties.Retry retry = properties.retry();
        atLeastOne(retry.maxAttempts(), "retry.max-attempts", mistakes);
        try {
            Pattern.compile(properties.replyToPattern());
        } catch (PatternSyntaxException e) {
            mistakes.add(PREFIX + ".reply-to-pattern: is no regular expression: " + e.getDescription());
        }
        if (retry.tiers().isEmpty()
                || retry.tiers().get(0).toMillis() < 1
                || retry.tiers().get(retry.tiers().size() - 1).compareTo(LONGEST_TIER) > 0
                || !retry.tiers().stream().sorted().distinct().toList().equals(retry.tiers())) {
            mistakes.add(PREFIX + ".retry.tiers: must be one or more delays, each longer than the one before, at most "
                    + LONGEST_TIER.toDays() + "d");
        }
        // The negated condition is also true for NaN.
        if (!(retry.jitter() >= 0 && retry.jitter() <= LARGEST_JITTER)) {
            mistakes.add(PREFIX + ".retry.jitter: must be from 0 to " + LARGEST_JITTER);
        }
        if (retry.maxDeliveries() < 1 || retry.maxDeliveries() >= WorkerProperties.BROKER_DELIVERY_LIMIT) {
            mistakes.add(PREFIX + ".retry.max-deliveries: must be from 1 to "
                    + (WorkerProperties.BROKER_DELIVERY_LIMIT - 1) + ", below the queues' own limit");
        }
        longerThanNothing(properties.deadline(), "deadline", mistakes);
        longerThanNothing(properties.maxDeadline(), "max-deadline", mistakes);
        if (properties.deadline().compareTo(properties.maxDeadline()) > 0) {
            mistakes.add(PREFIX + ".deadline: must not be longer than max-deadline");
        }
        // A row must be there as long as an earlier job for the same database may still wait.
        if (properties.sweep().journalRetention().compareTo(properties.maxDeadline()) < 0) {
            mistakes.add(PREFIX + ".sweep.journal-retention: must not be shorter than max-deadline");
        }
        longerThanNothing(properties.sweep().interval(), "sweep.interval", mistakes);
        properties
                .servers()
                .forEach((name, server) ->
                        longerThanNothing(server.trashRetention(), "servers." + name + ".trash-retention", mistakes));
        if (properties.sweep().olderThan().isNegative()) {
            mistakes.add(PREFIX + ".sweep.older-than: must not be negative");
        }
        WorkerProperties.RemoteControl remote = properties.remoteControl();
        if (remote != null
                && (remote.username().isBlank()
                        || remote.username().contains(":")
                        || remote.password().isBlank())) {
            mistakes.add(REMOTE_CONTROL + "needs a username without a colon, and a password");
        }
        if (properties.shutdownGrace().isNegative()) {
            mistakes.add(PREFIX + ".shutdown-grace: must not be negative");
        }
    }

    private static void atLeastOne(int value, String property, List<String> mistakes) {
        if (value < 1) {
            mistakes.add(PREFIX + "." + property + ": must be at least 1");
        }
    }

    private static void longerThanNothing(Duration value, String property, List<String> mistakes) {
        if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(LONGEST) > 0) {
            mistakes.add(
                    PREFIX + "." + property + ": must be longer than nothing and at most " + LONGEST.toDays() + "d");
        }
    }

    /** Without this check a misspelt property would be ignored without an error. */
    private static List<String> unknownProperties(Binder binder, Bindable<WorkerProperties> target) {
        List<String> unknown = new ArrayList<>();
        try {
            binder.bind(PREFIX, target, new NoUnboundElementsBindHandler(new Collecting(new ArrayList<>())));
        } catch (RuntimeException e) {
            if (!(rootCause(e) instanceof UnboundConfigurationPropertiesException unbound)) {
                throw e;
            }
            unbound.getUnboundProperties().stream()
                    .filter(property -> !isServiceVariable(property))
                    .forEach(property -> unknown.add(property.getName().toString()));
        }
        return unknown;
    }

    private static boolean isServiceVariable(ConfigurationProperty property) {
        return property.getSource() != null
                && property.getSource().getUnderlyingSource() instanceof SystemEnvironmentPropertySource
                && SERVICE_VARIABLE.matcher(property.getName().toString()).matches();
    }

    private static Throwable rootCause(Throwable e) {
        return e.getCause() == null ? e : rootCause(e.getCause());
    }

    private record Collecting(List<String> mistakes) implements BindHandler {
        @Override
        public @Nullable Object onFailure(
                ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error) {
            // The message does not have the value, because the value might be a misplaced password.
            String kind = target.getType().toClass().getSimpleName().toLowerCase(Locale.ROOT);
            String mistake = name + ": cannot be read as " + kind;
            // The binder tries several forms of a property, and each failure is reported here.
            if (!mistakes.contains(mistake)) {
                mistakes.add(mistake);
            }
            return null;
        }
    }
}
