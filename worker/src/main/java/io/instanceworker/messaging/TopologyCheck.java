package io.instanceworker.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.Declarable;
import org.springframework.amqp.core.Exchange;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.RabbitUtils;

/**
 * Declares the exchanges, queues and bindings one by one, and finds those that are not as they must be. If one differs, the
 * others are declared nevertheless. No job is received while a binding is missing, because the job could be lost.
 */
public final class TopologyCheck implements AutoCloseable {

    /** What is done with each exchange and queue. */
    public enum Mode {
        /** It is declared, with its bindings. */
        DECLARE,
        /** It must exist. Its arguments and bindings cannot be checked without the right to declare it. */
        EXIST,
        /** It must exist, and have the right arguments. It is declared only if it exists, so that nothing changes. */
        COMPARE
    }

    private static final Logger log = LoggerFactory.getLogger(TopologyCheck.class);

    private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(60);
    private static final Duration BETWEEN_CHECKS_WHILE_WRONG = Duration.ofSeconds(5);
    private static final Duration BETWEEN_LOG_LINES = Duration.ofSeconds(60);

    /** RabbitMQ's message for a declaration with other arguments. "Received" is what the worker has declared. */
    private static final Pattern DIFFERENT = Pattern.compile(
            "inequivalent arg '([^']+)' for (\\w+) '([^']+)' in vhost '[^']*': received (.+) but current is (.+?)(?:, class-id.*)?$");

    private static final Pattern VALUE = Pattern.compile("^(?:the value )?'([^']*)'(?: of type '\\w+')?$");

    private final ConnectionFactory connections;
    private final List<Declarable> declarables;
    private final Mode mode;
    private volatile List<String> problems = List.of("it has not been checked yet");
    private boolean checkNow;
    private boolean closed;
    private List<String> loggedProblems = List.of();
    private long loggedAt;
    private int repeated;

    public TopologyCheck(ConnectionFactory connections, List<Declarable> declarables, Mode mode) {
        this.connections = connections;
        this.declarables = List.copyOf(declarables);
        this.mode = mode;
    }

    /** @param whenRight called after each check that found nothing wrong */
    void start(Runnable whenRight) {
        Thread thread = new Thread(() -> checkUntilClosed(whenRight), "topology-check");
        thread.setDaemon(true);
        thread.start();
    }

    /** The problems, each in one sentence; empty if everything is as it must be. */
    List<String> problems() {
        return problems;
    }

    /** Requests a check now, because something has failed and a wrong topology may be the reason. */
    synchronized void request() {
        checkNow = true;
        notifyAll();
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void checkUntilClosed(Runnable whenRight) {
        do {
            try {
                problems = check();
                if (problems.isEmpty()) {
                    whenRight.run();
                }
            } catch (RuntimeException e) {
                // Spring does not translate every failure of a connection that another thread has just ended.
                problems = List.of("RabbitMQ cannot be reached: " + rootMessage(e));
            }
            report();
        } while (awaitNextCheck());
    }

    private synchronized boolean awaitNextCheck() {
        boolean right = problems.isEmpty();
        Duration pause = right ? BETWEEN_CHECKS : BETWEEN_CHECKS_WHILE_WRONG;
        long end = System.nanoTime() + pause.toNanos();
        try {
            // While something is wrong, requests are ignored: there may be many of them, and the next check comes soon.
            for (long left = pause.toMillis();
                    left > 0 && !closed && !(checkNow && right);
                    left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())) {
                wait(left);
            }
        } catch (InterruptedException e) {
            return false;
        }
        checkNow = false;
        return !closed;
    }

    /** Checks once. */
    public List<String> check() {
        List<String> found = new ArrayList<>();
        Connection connection = connections.createConnection();
        try {
            for (Declarable declarable : declarables) {
                checkOne(connection, declarable, found);
            }
        } finally {
            RabbitUtils.closeConnection(connection);
        }
        return found;
    }

    private void checkOne(Connection connection, Declarable declarable, List<String> found) {
        if (mode != Mode.DECLARE && declarable instanceof Binding) {
            return;
        }
        Channel channel = connection.createChannel(false);
        try {
            apply(channel, declarable);
        } catch (IOException e) {
            found.add(sentence(declarable, e));
        } finally {
            RabbitUtils.setPhysicalCloseRequired(channel, !channel.isOpen());
            RabbitUtils.closeChannel(channel);
        }
    }

    private void apply(Channel channel, Declarable declarable) throws IOException {
        if (declarable instanceof Exchange exchange) {
            if (mode != Mode.DECLARE) {
                channel.exchangeDeclarePassive(exchange.getName());
            }
            if (mode != Mode.EXIST) {
                channel.exchangeDeclare(
                        exchange.getName(), exchange.getType(), exchange.isDurable(), false, exchange.getArguments());
            }
        } else if (declarable instanceof Queue queue) {
            if (mode != Mode.DECLARE) {
                channel.queueDeclarePassive(queue.getName());
            }
            if (mode != Mode.EXIST) {
                channel.queueDeclare(queue.getName(), true, false, false, queue.getArguments());
            }
        } else if (declarable instanceof Binding binding) {
            channel.queueBind(
                    binding.getDestination(), binding.getExchange(), binding.getRoutingKey(), binding.getArguments());
        }
    }

    private static String sentence(Declarable declarable, IOException e) {
        String said = rootMessage(e);
        if (e.getCause() instanceof ShutdownSignalException signal
                && signal.getReason() instanceof AMQP.Channel.Close close) {
            said = String.valueOf(close.getReplyText());
        }
        Matcher different = DIFFERENT.matcher(said);
        if (different.find()) {
            return "The " + different.group(2) + " " + different.group(3) + " has " + different.group(1) + " = "
                    + plain(different.group(1), different.group(5)) + ", but must have "
                    + plain(different.group(1), different.group(4))
                    + ". Delete it when it is empty, and the worker declares it as it must be.";
        }
        return name(declarable) + ": " + said;
    }

    /** The value without RabbitMQ's text around it. A queue without a type is a classic queue. */
    private static String plain(String argument, String said) {
        String value = VALUE.matcher(said).replaceFirst("$1");
        return argument.equals("x-queue-type") && value.equals("none") ? "classic" : value;
    }

    private static String name(Declarable declarable) {
        if (declarable instanceof Exchange exchange) {
            return "The exchange " + exchange.getName();
        } else if (declarable instanceof Queue queue) {
            return "The queue " + queue.getName();
        } else if (declarable instanceof Binding binding) {
            return "The binding of " + binding.getDestination() + " to " + binding.getExchange();
        }
        return declarable.toString();
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** Logs the same problems once a minute, with how often they were found meanwhile. */
    private void report() {
        List<String> found = problems;
        boolean same = found.equals(loggedProblems);
        if (same && System.nanoTime() - loggedAt < BETWEEN_LOG_LINES.toNanos()) {
            repeated++;
            log.debug("The same was found again, {} times by now", repeated);
            return;
        }
        if (!found.isEmpty()) {
            log.warn(
                    "No jobs are taken{}: {}",
                    same ? " (found " + repeated + " times more)" : "",
                    String.join(" ", found));
        } else if (!same) {
            log.info("The exchanges, queues and bindings are as they must be; jobs are taken");
        }
        loggedProblems = found;
        loggedAt = System.nanoTime();
        repeated = 0;
    }
}
