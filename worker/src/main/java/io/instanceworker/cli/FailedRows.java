package io.instanceworker.cli;

import io.instanceworker.cli.console.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A file of the rows that failed, in the form of the file of jobs. Each row is in the file at once. */
final class FailedRows implements AutoCloseable {

    private final JobFile jobs;
    private final @Nullable PrintStream out;

    /** @param file null for none */
    FailedRows(JobFile jobs, @Nullable Path file) {
        this.jobs = jobs;
        try {
            out = file == null ? null : new PrintStream(Files.newOutputStream(file), true, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UsageException(
                    "The file " + file + " cannot be written: " + e.getClass().getSimpleName());
        }
        String header = jobs.failedHeader();
        if (out != null && header != null) {
            out.println(header);
        }
    }

    void add(JobRow row, ObjectNode failure) {
        if (out != null) {
            out.println(jobs.failedLine(row, failure));
        }
    }

    @Override
    public void close() {
        if (out != null) {
            out.close();
        }
    }
}
