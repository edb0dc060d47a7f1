package io.instanceworker.cli;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.UsageException;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.json.JsonProperties;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A file with one job in each row, as CSV or as JSON lines. */
abstract sealed class JobFile permits CsvJobFile, JsonLinesJobFile {

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /**
     * @param text what the file contains; JSON lines if it begins with a brace
     * @param operation of the rows that name none; null if every row must name one
     */
    static JobFile of(String text, @Nullable String operation, Invocation invocation) {
        String content = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        return content.stripLeading().startsWith("{")
                ? new JsonLinesJobFile(content, operation)
                : new CsvJobFile(content, operation, invocation);
    }

    /** The JSON of each row in the order of the lines, or why it has none. */
    abstract SortedMap<Integer, Parsed> parse();

    /** The first line of a file of failed rows; null if it has no header. */
    abstract @Nullable String failedHeader();

    /** The row as a line of a file of failed rows, which can be fed in again as it is. */
    abstract String failedLine(JobRow row, ObjectNode failure);

    /** Exactly one of both is null. */
    record Parsed(@Nullable ObjectNode message, @Nullable String mistake) {}

    /**
     * Checks every row by the rules of the contract.
     *
     * @param runId the ids of jobs that have none begin with it
     * @param mistakes receives what is wrong, with the line
     * @return the rows that are right
     */
    final List<JobRow> rows(String runId, List<String> mistakes) {
        List<JobRow> rows = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        DatabaseUses uses = new DatabaseUses();
        parse().forEach((line, parsed) -> {
            try {
                ObjectNode message = parsed.message();
                if (message == null) {
                    throw new UsageException(String.valueOf(parsed.mistake()));
                }
                if (JsonProperties.anyCase(message).any("jobId") == null) {
                    message.put("jobId", String.format(Locale.ROOT, "%s-%04d", runId, line));
                }
                Job job = JobCommand.read(message);
                Integer sameId = lines.putIfAbsent(job.jobId(), line);
                if (sameId != null) {
                    throw new UsageException("the job " + job.jobId() + " is in line " + sameId + " too");
                }
                uses.add(line, job);
                rows.add(new JobRow(line, message, job));
            } catch (UsageException | IllegalArgumentException e) {
                mistakes.add("Line " + line + ": " + e.getMessage());
            }
        });
        return rows;
    }
}
