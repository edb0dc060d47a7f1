package io.instanceworker.demo;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.AddJob;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.contracts.result.StatusName;
import io.instanceworker.contracts.result.StatusPage;
import io.instanceworker.demo.Terminal.Style;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Jobs and their results as they come, one line each, with indented remarks below. */
final class Timeline {

    private static final String ROW = "%-8s  %-6s  %-20s  ";
    private static final int DATABASE_WIDTH = 20;
    private static final int REMARK_INDENT = 10;
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    private final Terminal terminal;

    Timeline(Terminal terminal) {
        this.terminal = terminal;
    }

    void header() {
        terminal.line(terminal.styled(
                Style.STRONG,
                String.format(Locale.ROOT, ROW, "TIME", "JOB", "DATABASE")
                        + String.format(Locale.ROOT, "%-10s  %-16s  %8s", "OUTCOME", "STATUS OR STATE", "TOOK")));
    }

    void sent(Job job, String routingKey) {
        InstanceRef instance = job instanceof InstanceJob about ? about.instance() : InstanceRef.NONE;
        row(Instant.now(), job.operation(), instance.databaseName(), Style.FAINT, "sent", routingKey, "");
        List<String> wishes = new ArrayList<>();
        if (job instanceof AddJob add && add.template() != null) {
            wishes.add("from the template " + add.template());
        }
        if (job instanceof CopyJob copy) {
            wishes.add("from " + copy.sourceDatabaseName());
        }
        if (instance.tenant() != null && job.operation().changesDatabases()) {
            wishes.add("for the instance " + instance.id() + " of the tenant " + instance.tenant());
        }
        if (!wishes.isEmpty()) {
            terminal.wrapped(REMARK_INDENT, String.join(", ", wishes), Style.FAINT);
        }
    }

    void arrived(Received received) {
        JobResult result = received.result();
        OutcomeKind outcome = result.outcome();
        Style style = switch (outcome) {
            case IN_PROGRESS -> Style.RUNNING;
            case SUCCEEDED -> Style.RIGHT;
            case FAILED -> Style.WAITING;
            case ERROR, REJECTED -> Style.WRONG;
        };
        Long took = result.facts().durationMs();
        row(
                received.event().time(),
                result.facts().operation(),
                result.facts().instance().databaseName(),
                style,
                outcome.jsonName(),
                statusOrState(result),
                took == null ? "" : took(took));
        JobError error = result.error();
        if (error != null) {
            terminal.wrapped(REMARK_INDENT, error.code() + ": " + error.message(), Style.PLAIN);
        }
    }

    private static String statusOrState(JobResult result) {
        StatusName status = result.outcome().status(result.facts().operation());
        StateReport state = result.state();
        StatusPage page = result.page();
        if (page != null) {
            return page.total() + (page.total() == 1 ? " database" : " databases");
        }
        return status != null ? status.jsonName() : state != null ? state.name().name() : "";
    }

    static String took(long millis) {
        return millis < 10_000
                ? String.format(Locale.ROOT, "%,d ms", millis)
                : String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }

    private void row(
            Instant time,
            @Nullable Operation operation,
            @Nullable String database,
            Style style,
            String outcome,
            String status,
            String took) {
        String clock = CLOCK.format(ZonedDateTime.ofInstant(time, ZoneId.systemDefault()));
        String name = operation == null ? "?" : operation.jsonName();
        String subject = database != null ? cut(database) : operation == Operation.STATUS ? "all" : "";
        terminal.line(String.format(Locale.ROOT, ROW, clock, name, subject)
                + terminal.styled(style, String.format(Locale.ROOT, "%-10s", outcome))
                + String.format(Locale.ROOT, "  %-16s  %8s", status, took));
    }

    private static String cut(String database) {
        return database.length() <= DATABASE_WIDTH ? database : database.substring(0, DATABASE_WIDTH - 1) + "…";
    }

    void right(String text) {
        terminal.wrapped(REMARK_INDENT, "✓ " + text, Style.RIGHT);
    }

    void wrong(String text) {
        terminal.wrapped(REMARK_INDENT, "✗ " + text, Style.WRONG);
    }

    void gap() {
        terminal.blank();
    }
}
