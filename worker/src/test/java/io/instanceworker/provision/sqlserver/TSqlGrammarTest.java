package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.provision.sqlserver.TSql.Move;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every T-SQL text the worker sends is one that a T-SQL grammar reads. */
class TSqlGrammarTest {

    private static final TSqlGrammar GRAMMAR = new TSqlGrammar();

    /** The members of TSql that are parts of texts. */
    private static final Set<String> PARTS =
            Set.of("MARK", "TRASH_MARK", "name", "text", "serviceObjective", "inElasticPool");

    private static final String HOSTILE = "a]b'c [x]] ?--/*";
    private static final String HOSTILE_FILE = "C:\\b'a ]ck\\?'';--.bak";
    private static final List<Move> MOVES =
            List.of(new Move("orders", "/data/orders.mdf"), new Move(HOSTILE, HOSTILE_FILE));

    /** The first word of a key is the member of TSql. Those that the grammar does not know are in {@link #unread()}. */
    private static Map<String, String> texts() throws IllegalAccessException {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Field constant : TSql.class.getDeclaredFields()) {
            if (isText(constant)) {
                texts.put(constant.getName(), (String) constant.get(null));
            }
        }
        for (String name : List.of("orders", HOSTILE)) {
            String to = " of " + name;
            texts.put("create" + to, TSql.create(name));
            texts.put("columns" + to, TSql.columns(name));
            texts.put("rename" + to, TSql.rename(name, name + "2"));
            texts.put("rdsRename" + to, TSql.rdsRename(name, name + "2"));
            texts.put("cloneSchema" + to, TSql.cloneSchema(name, name + "2"));
            texts.put("setRecovery simple" + to, TSql.setRecovery(name, "SIMPLE"));
            texts.put("setRecovery full" + to, TSql.setRecovery(name, "FULL"));
            texts.put("setRecovery bulk" + to, TSql.setRecovery(name, "BULK_LOGGED"));
            texts.put("setOwner" + to, TSql.setOwner(name, name));
            texts.put("drop" + to, TSql.drop(name));
            texts.put("dropOnline" + to, TSql.dropOnline(name, "master"));
            texts.put("use" + to, TSql.use(name));
            texts.put("mark" + to, TSql.marks(List.of(name), TSql.MARK));
            texts.put("azureDatabases" + to, TSql.azureDatabases(List.of("orders", name)));
            texts.put("marks" + to, TSql.marks(List.of("orders", name), TSql.TRASH_MARK));
            texts.put("setMark" + to, TSql.setMark(name));
            texts.put("addMark" + to, TSql.addMark(name));
            texts.put("setTrashMark" + to, TSql.setTrashMark(name));
            texts.put("removeTrashMark" + to, TSql.removeTrashMark(name));
            texts.put("trash" + to, TSql.trash(name, name + "2", "master"));
            texts.put("setMultiUser" + to, TSql.setMultiUser(name));
            texts.put("setRestrictedUser" + to, TSql.setRestrictedUser(name));
            texts.put("setReadWrite" + to, TSql.setReadWrite(name));
            texts.put("dropWithoutEntering" + to, TSql.dropWithoutEntering(name));
            texts.put("backup" + to, TSql.backup(name, HOSTILE_FILE));
            texts.put("backupToUrl" + to, TSql.backupToUrl(name, HOSTILE_FILE));
            texts.put("dropEndingSessions" + to, TSql.dropEndingSessions(name, List.of(51, 52)));
            texts.put("space" + to, TSql.space(name));
            texts.put("measured" + to, TSql.measured(List.of("orders", name)));
        }
        return texts;
    }

    /** The texts on job_run, all of them. */
    private static Map<String, String> journal() throws ReflectiveOperationException {
        Constructor<?> constructor = Class.forName("io.instanceworker.journal.JobRunRepository")
                .getDeclaredConstructor(String.class, String.class);
        constructor.setAccessible(true);
        Object repository = constructor.newInstance(SqlServerJournal.CLOCK, SqlServerJournal.MILLIS_AGO);
        Map<String, String> texts = new LinkedHashMap<>();
        for (Field field : repository.getClass().getDeclaredFields()) {
            if (field.getType() == String.class && !Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                texts.put("journal " + field.getName(), (String) field.get(repository));
            }
        }
        assertThat(texts).isNotEmpty();
        return texts;
    }

    /** Texts that are not in {@link TSql}. */
    private static Map<String, String> others() {
        return Map.of("the journal's tables", SqlServerJournal.DDL);
    }

    /** The texts that the grammar does not know, nor does any other that was tried, and the words they must consist of. */
    private static Map<String, Unread> unread() {
        String file = TSql.text(HOSTILE_FILE);
        return Map.of(
                "copyOf",
                new Unread(
                        TSql.copyOf(HOSTILE, "b") + TSql.inElasticPool("pool"),
                        "CREATE",
                        "DATABASE",
                        TSql.name(HOSTILE),
                        "AS",
                        "COPY",
                        "OF",
                        "[b]",
                        "(",
                        "SERVICE_OBJECTIVE",
                        "=",
                        "ELASTIC_POOL",
                        "(",
                        "name",
                        "=",
                        "[pool]",
                        ")",
                        ")"),
                "copyOf of one size",
                new Unread(
                        TSql.copyOf("a", "b") + TSql.serviceObjective("GP_S_Gen5_1"),
                        "CREATE",
                        "DATABASE",
                        "[a]",
                        "AS",
                        "COPY",
                        "OF",
                        "[b]",
                        "(",
                        "SERVICE_OBJECTIVE",
                        "=",
                        "'GP_S_Gen5_1'",
                        ")"),
                "create of one size",
                new Unread(
                        TSql.create("a") + TSql.serviceObjective("S2"),
                        "CREATE",
                        "DATABASE",
                        "[a]",
                        "(",
                        "SERVICE_OBJECTIVE",
                        "=",
                        "'S2'",
                        ")"),
                "fileList",
                new Unread(TSql.fileList(HOSTILE_FILE), "RESTORE", "FILELISTONLY", "FROM", "DISK", "=", file),
                "restoreFromUrl",
                new Unread(
                        TSql.restoreFromUrl(HOSTILE, HOSTILE_FILE),
                        "RESTORE",
                        "DATABASE",
                        TSql.name(HOSTILE),
                        "FROM",
                        "URL",
                        "=",
                        file),
                "restore",
                new Unread(
                        TSql.restore(HOSTILE, HOSTILE_FILE, MOVES),
                        "RESTORE",
                        "DATABASE",
                        TSql.name(HOSTILE),
                        "FROM",
                        "DISK",
                        "=",
                        file,
                        "WITH",
                        "MOVE",
                        "N'orders'",
                        "TO",
                        "N'/data/orders.mdf'",
                        ",",
                        "MOVE",
                        TSql.text(HOSTILE),
                        "TO",
                        file));
    }

    private record Unread(String sql, List<String> words) {
        Unread(String sql, String... words) {
            this(sql, List.of(words));
        }
    }

    static Stream<Arguments> read() throws ReflectiveOperationException {
        return Stream.of(texts(), journal(), others())
                .flatMap(texts -> texts.entrySet().stream())
                .map(text -> Arguments.of(text.getKey(), text.getValue()));
    }

    static Stream<Arguments> notRead() {
        return unread().entrySet().stream().map(text -> Arguments.of(text.getKey(), text.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("read")
    void isRead(String name, String sql) {
        assertThat(GRAMMAR.errors(sql)).as(sql).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("notRead")
    void isTheseWords(String name, Unread text) {
        assertThat(GRAMMAR.words(text.sql())).isEqualTo(text.words());
        assertThat(GRAMMAR.errors(text.sql()))
                .as("If the grammar reads this by now, it belongs to the texts that are read")
                .isNotEmpty();
    }

    @Test
    void noTextIsForgotten() throws IllegalAccessException {
        Set<String> members = Stream.<Member>concat(
                        Arrays.stream(TSql.class.getDeclaredFields()), Arrays.stream(TSql.class.getDeclaredMethods()))
                .filter(TSqlGrammarTest::isText)
                .map(Member::getName)
                .collect(Collectors.toSet());
        Set<String> tested = Stream.concat(texts().keySet().stream(), unread().keySet().stream())
                .map(key -> key.split(" ", 2)[0])
                .collect(Collectors.toSet());
        assertThat(tested).containsAll(members);
    }

    private static boolean isText(Member member) {
        Class<?> type = member instanceof Field field ? field.getType() : ((Method) member).getReturnType();
        return type == String.class
                && !Modifier.isPrivate(member.getModifiers())
                && !member.isSynthetic()
                && !PARTS.contains(member.getName());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BACKUP DATABASE [a] ONTO DISK",
                "BACKUP DATABASE [a] TO DISK = N'b' WITH COPY_ONLY, CHEKSUM",
                "BACKUP DATABASE [a] TO DISK = N'b'c'",
                "ALTER DATABASE [a] MODIFY NAME [b]",
                "ALTER DATABASE [a] SET SINGLE_USER WITH ROLBACK IMMEDIATE",
                "ALTER AUTHORIZATION ON DATABASE:[a] TO [sa]",
                "CREATE DATABASE [a]b'c]",
                "BAKUP [a]",
                "DROP DATABASE",
                "DBCC CLONEDATABASE ([a] [b])",
                "EXEC sys.sp_releaseapplock @Resource = , @LockOwner = N'Session'",
                "SELECT d.name, FROM sys.databases d",
                "UPDATE job_run SET claim = ? outcome = ? WHERE run_id = ?",
                "DELETE FROM job_run WHERE run_id = ? AND"
            })
    void nonsenseIsNotRead(String sql) {
        assertThat(GRAMMAR.errors(sql)).isNotEmpty();
    }
}
