package io.instanceworker.cli;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import tools.jackson.databind.node.ObjectNode;

/**
 * The first row has the names of the columns: {@code operation}, {@code database}, and the long names of the commands' options
 * without dashes. An empty cell counts as absent.
 */
final class CsvJobFile extends JobFile {

    private static final String OPERATION = "operation";
    private static final String DATABASE = "database";
    private static final String JOB_ID = "job-id";

    /** What a file of failed rows has besides. It is for people, and ignored when the file is fed in again. */
    private static final List<String> FAILURE = List.of("failed-job-id", "error-code", "error");

    /** Options that say nothing of the job. */
    private static final Set<String> NOT_OF_A_JOB = Set.of("--help", "--yes", "--no-wait", "--timeout", "--output");

    private static final CSVFormat FORMAT = CSVFormat.DEFAULT
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setIgnoreHeaderCase(true)
            .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
            .setTrim(true)
            .get();

    private final @Nullable String operation;
    private final Invocation invocation;
    private final List<String> columns = new ArrayList<>();
    private final SortedMap<Integer, CSVRecord> records = new TreeMap<>();

    CsvJobFile(String text, @Nullable String operation, Invocation invocation) {
        this.operation = operation;
        this.invocation = invocation;
        try (CSVParser parser = CSVParser.parse(text, FORMAT)) {
            parser.getHeaderNames().forEach(name -> columns.add(name.toLowerCase(Locale.ROOT)));
            for (CSVRecord csvRecord : parser) {
                records.put(Math.toIntExact(parser.getCurrentLineNumber()), csvRecord);
            }
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw new UsageException("The file is no CSV with a header: " + e.getMessage());
        }
        requireKnownColumns();
    }

    /** A column whose name is misspelt must not be ignored. */
    private void requireKnownColumns() {
        Set<String> known = new TreeSet<>(List.of(OPERATION, DATABASE));
        InstanceCtl.jobCommands(invocation)
                .forEach(command -> new CommandLine(command)
                        .getCommandSpec().options().stream()
                                .map(OptionSpec::longestName)
                                .filter(name -> !NOT_OF_A_JOB.contains(name))
                                .forEach(name -> known.add(name.substring(2))));
        Set<String> unknown = new TreeSet<>(columns);
        unknown.removeAll(known);
        FAILURE.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw new UsageException("No column has the name " + String.join(", ", unknown) + ". The columns are "
                    + String.join(", ", known) + ".");
        }
    }

    @Override
    SortedMap<Integer, Parsed> parse() {
        SortedMap<Integer, Parsed> parsed = new TreeMap<>();
        records.forEach((line, csvRecord) -> parsed.put(line, parse(cells(csvRecord))));
        return parsed;
    }

    private Map<String, String> cells(CSVRecord csvRecord) {
        Map<String, String> cells = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            cells.put(columns.get(i), i < csvRecord.size() ? csvRecord.get(i) : "");
        }
        return cells;
    }

    private Parsed parse(Map<String, String> cells) {
        Map<String, String> options = new HashMap<>(cells);
        options.values().removeIf(String::isEmpty);
        FAILURE.forEach(options::remove);
        String name = options.remove(OPERATION);
        String wanted = name == null ? operation : name;
        String database = options.remove(DATABASE);
        try {
            JobCommand command = InstanceCtl.jobCommands(invocation).stream()
                    .filter(each -> each.isFor(wanted))
                    .findFirst()
                    .orElseThrow(() -> new UsageException(
                            wanted == null ? "operation is missing" : "there is no operation " + wanted));
            CommandLine line = new CommandLine(command).setExpandAtFiles(false);
            List<String> words = new ArrayList<>();
            options.forEach((option, value) -> words.add(word(line, "--" + option, value)));
            words.removeIf(String::isEmpty);
            // A name that begins with a dash is not an option.
            words.add("--");
            if (database != null) {
                words.add(database);
            }
            line.parseArgs(words.toArray(String[]::new));
            return new Parsed(command.message(), null);
        } catch (UsageException | ParameterException e) {
            return new Parsed(null, e.getMessage());
        }
    }

    private static String word(CommandLine line, String option, String value) {
        OptionSpec spec = line.getCommandSpec().findOption(option);
        if (spec == null || !spec.typeInfo().isBoolean()) {
            return option + "=" + value;
        }
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true" -> option;
            case "false" -> "";
            default -> throw new UsageException(option.substring(2) + " must be true or false, but is " + value);
        };
    }

    @Override
    String failedHeader() {
        List<String> header = new ArrayList<>(columns);
        header.removeAll(FAILURE);
        header.remove(JOB_ID);
        header.addAll(FAILURE);
        return FORMAT.format(header.toArray());
    }

    @Override
    String failedLine(JobRow row, ObjectNode failure) {
        Map<String, String> cells = cells(Objects.requireNonNull(records.get(row.line())));
        cells.remove(JOB_ID);
        FAILURE.forEach(cells::remove);
        List<String> values = new ArrayList<>(cells.values());
        values.add(row.job().jobId());
        values.add(failure.path("code").asString(""));
        values.add(failure.path("message").asString(""));
        return FORMAT.format(values.toArray());
    }
}
