package io.instanceworker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.UsageException;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.job.AddJob;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.json.StrictJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a file of jobs is read, before anything is sent. */
class JobFileTest {

    private final List<String> mistakes = new ArrayList<>();

    private static JobFile file(String text, @Nullable String operation) {
        return JobFile.of(text, operation, new Invocation(List.of(), System.out, System.err, null));
    }

    private List<JobRow> rows(String text) {
        return file(text, null).rows("run", mistakes);
    }

    @Test
    void aCsvRowIsReadAsTheOptionsOfItsCommand() {
        List<JobRow> rows = rows("""
                \uFEFFOperation,database,ID,tenant,allow-unmanaged,template,job-id,error
                add,edfi_1,1,"Grand ""Bend"", SY",,Minimal,mine,from the last run

                delete,edfi_2,-2,,true,,,
                """);
        assertThat(mistakes).isEmpty();
        assertThat(rows).extracting(JobRow::line).containsExactly(2, 4);
        AddJob add = (AddJob) rows.get(0).job();
        assertThat(add.instance()).isEqualTo(new InstanceRef("1", "Grand \"Bend\", SY", null, "edfi_1"));
        assertThat(add.template()).isEqualTo("Minimal");
        assertThat(add.jobId()).isEqualTo("mine");
        DeleteJob delete = (DeleteJob) rows.get(1).job();
        assertThat(delete.jobId()).isEqualTo("run-0004");
        assertThat(delete.allowUnmanaged()).isTrue();
        assertThat(delete.instance().id()).isEqualTo("-2");
    }

    @Test
    void aJsonLineIsAJobOfTheContract() {
        List<JobRow> rows = file("""
                {"JobId": "mine", "operation": "Info", "instance": {"databaseName": "a"}}

                {"instance": {"databaseName": "b"}}
                """, "delete").rows("run", mistakes);
        assertThat(mistakes).isEmpty();
        assertThat(rows).extracting(row -> row.job().jobId()).containsExactly("mine", "run-0003");
        assertThat(rows.get(1).job()).isInstanceOf(DeleteJob.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "add,,,                 | Line 2: instance.databaseName: is missing",
                ",edfi,,                | Line 2: operation is missing",
                "explode,edfi,,         | Line 2: there is no operation explode",
                "add,edfi,other,        | Line 2: Unknown option: '--source=other'",
                "copy,edfi,edfi,        | Line 2: source.databaseName: is the database to be made",
                "copy,edfi,other,later  | Line 2: whenSourceBusy: \"later\" is not known",
                "add,--yes,,            | ",
                "add,@edfi,,            | ",
            })
    void aCsvRowThatIsNoJobIsNamedByItsLine(String row, @Nullable String mistake) {
        rows("operation,database,source,when-source-busy\n" + row + "\n");
        if (mistake == null) {
            assertThat(mistakes).isEmpty();
        } else {
            assertThat(mistakes).singleElement().asString().startsWith(mistake);
        }
    }

    @Test
    void twoRowsThatChangeOneDatabaseAreAMistakeBecauseTheirOrderIsNotCertain() {
        rows("""
                {"operation": "Delete", "instance": {"databaseName": "a"}}
                {"operation": "Add", "instance": {"databaseName": "a"}}
                {"operation": "Info", "instance": {"databaseName": "a"}}
                {"jobId": "j", "operation": "Status"}
                {"jobId": "j", "operation": "Status"}
                {"operation"
                """);
        assertThat(mistakes).hasSize(3);
        assertThat(mistakes.get(0)).startsWith("Line 2: line 1 changes the database a too. ");
        assertThat(mistakes.get(1)).isEqualTo("Line 5: the job j is in line 4 too");
        assertThat(mistakes.get(2)).startsWith("Line 6: The message is not valid JSON");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "copy,a,b,,,     | delete,b,,,,        | line 2 copies from the database b, which this line changes",
                "delete,b,,,,    | copy,a,b,,,         | line 2 changes the database b, from which this line copies",
                "restore,b,,,,   | copy,a,b,,,         | line 2 changes the database b, from which this line copies",
                "copy,a,b,,,     | adopt,b,,,,         | line 2 copies from the database b, which this line changes",
                "copy,a,b,,,     | copy,c,a,,,         | line 2 changes the database a, from which this line copies",
                "copy,a,B,,,     | delete,b,,,,        | line 2 copies from the database b, which this line changes",
                "add,a,,one,,    | delete,a,,,,        | line 2 changes the database a too",
                "copy,a,b,,,     | delete,b,,one,,     | line 2 copies from the database b, which this line changes",
                "copy,a,b,One,,  | delete,b,,one,,     | line 2 copies from the database b, which this line changes",
                "copy,a,EdFi_Ods_x_T,,, | delete,,,,x,T | line 2 copies from the database EdFi_Ods_x_T, which this line",
                "copy,a,EdFi_Ods_x_T,,, | delete,,,,x,  | line 2 copies from the database EdFi_Ods_x_T, which this line",
                "copy,a,edfi_ods_X_T,,, | delete,,,,x,  | line 2 copies from the database edfi_ods_X_T, which this line",
                "delete,,,,x,    | copy,a,EdFi_Ods_x_T,,, | line 2 changes the database EdFi_Ods_x_T, from which this",
                "add,,,,x,       | add,,,,x,T          | line 2 changes the database EdFi_Ods_x_T too",
                "copy,a,b,one,,  | delete,b,,two,,     | ",
                "copy,a,b,,,     | copy,c,b,,,         | ",
                "copy,a,b,,,     | info,b,,,,          | ",
                "add,,,,x,       | add,,,,x_y,         | ",
                "add,,,,x,T      | copy,a,EdFi_Ods_x_U,,, | ",
            })
    void aDatabaseThatARowCopiesFromOrChangesIsChangedByNoOtherRow(
            String first, String second, @Nullable String mistake) {
        rows("operation,database,source,server,name,template\n" + first + "\n" + second + "\n");
        if (mistake == null) {
            assertThat(mistakes).isEmpty();
        } else {
            assertThat(mistakes).singleElement().asString().startsWith("Line 3: " + mistake);
        }
    }

    @Test
    void ofManyCopiesOfADatabaseOneOnTheSameServerIsNamed() {
        rows("""
                operation,database,source,server
                copy,a,b,one
                copy,c,b,one
                copy,d,b,two
                delete,b,,two
                """);
        assertThat(mistakes).singleElement().asString().startsWith("Line 5: line 4 copies from the database b, which");
    }

    @ParameterizedTest
    @ValueSource(strings = {"operation,database,tennant", "operation,database,yes", "operation,database,database", ""})
    void aHeaderWithAnUnknownOrRepeatedColumnIsRefused(String header) {
        assertThatThrownBy(() -> rows(header + "\nadd,edfi,x\n")).isInstanceOf(UsageException.class);
    }

    @Test
    void aFailedRowIsWrittenInTheFormOfTheFileWithoutItsJobId() {
        String csv = "job-id,operation,database,error\nmine,Add,\"edfi\",old\n";
        JobRow row = rows(csv).get(0);
        JobFile file = file(csv, null);
        String failed = file.failedHeader() + "\n"
                + file.failedLine(
                        row, StrictJson.newObject().put("code", "X").put("message", "two\nlines, \"quoted\""));
        assertThat(failed).isEqualTo("""
                operation,database,failed-job-id,error-code,error
                Add,edfi,mine,X,"two
                lines, ""quoted""\"""");
        assertThat(rows(failed).get(0).job().jobId()).isEqualTo("run-0003");

        String json = "{\"JOBID\": \"mine\", \"operation\": \"Add\", \"instance\": {\"databaseName\": \"a\"}}";
        JobRow line = rows(json).get(0);
        assertThat(file(json, null).failedLine(line, StrictJson.newObject().put("code", "X")))
                .isEqualTo(
                        "{\"operation\":\"Add\",\"instance\":{\"databaseName\":\"a\"},\"failure\":{\"code\":\"X\"}}");
        assertThat(mistakes).isEmpty();
    }
}
