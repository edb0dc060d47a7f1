package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Answer;
import io.instanceworker.tds.Session;
import io.instanceworker.tds.SqlHandler;
import io.instanceworker.tds.SqlStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Answers every statement that the fake knows. */
final class Statements implements SqlHandler, AutoCloseable {

    private static final Pattern OF_TABLES = Pattern.compile(
            "\\s*(SELECT|INSERT|UPDATE|DELETE|CREATE\\s+TABLE|CREATE\\s+(UNIQUE\\s+)?INDEX|ALTER\\s+TABLE|DROP\\s+(TABLE|INDEX))\\b.*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern BLOCK =
            Pattern.compile("\\s*BEGIN\\b(.*)\\bEND\\s*;?\\s*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final Model model;
    private final Faults faults;
    private final AppLocks locks = new AppLocks();
    private final Rules rules = new Rules();

    /** Of which a batch may have several. */
    private final Rules conditions = new Rules();

    private final Catalog catalog;
    private final TableStatements tables;
    private final RdsStatements rds;
    private final ManagedInstanceStatements managedInstance;
    private final Queue<String> received = new ConcurrentLinkedQueue<>();

    Statements(Model model, Faults faults) {
        this.model = model;
        this.faults = faults;
        catalog = new Catalog(model);
        tables = new TableStatements(model);
        DatabaseStatements databases = new DatabaseStatements(model);
        rds = new RdsStatements(model, databases);
        managedInstance = new ManagedInstanceStatements(model, faults);
        switch (model.options().platform()) {
            case AMAZON_RDS -> rds.addTo(rules);
            case AZURE_MANAGED_INSTANCE -> managedInstance.addTo(rules);
            default -> {
                // A machine knows no others.
            }
        }
        if (model.isAzure()) {
            model.azure().addTo(rules);
        }
        new SessionStatements(model, locks).addTo(rules);
        databases.addTo(rules);
        if (model.options().platform() != Platform.AZURE_MANAGED_INSTANCE) {
            new BackupStatements(model, faults).addTo(rules);
        }
        new PropertyStatements(model).addTo(rules);
        conditions.answer("IF OBJECT_ID({value}) IS NULL {rest}", (session, match) -> ifAbsent(session, match, 1));
        conditions.answer(
                "IF OBJECT_ID({value}, {value}) IS NULL {rest}", (session, match) -> ifAbsent(session, match, 2));
    }

    RdsStatements rds() {
        return rds;
    }

    void releaseLocks(Session session) {
        locks.releaseAll(session);
    }

    ManagedInstanceStatements managedInstance() {
        return managedInstance;
    }

    List<String> received() {
        return new ArrayList<>(received);
    }

    @Override
    public void close() {
        catalog.close();
    }

    @Override
    public void began(Session session) {
        model.began(session);
    }

    @Override
    public void ended(Session session) {
        model.ended(session, () -> locks.releaseAll(session));
    }

    @Override
    public Answer answer(Session session, SqlStatement statement) throws InterruptedException {
        received.add(statement.text());
        faults.before(session, statement);
        Answer answer = run(model.state(session), statement);
        faults.after(session, statement);
        return answer;
    }

    private Answer run(SessionState session, SqlStatement statement) throws InterruptedException {
        if (model.isAzure()) {
            model.azure().check(session, statement.text());
        }
        Answer known = rules.answer(session, statement);
        if (known != null) {
            return known;
        }
        List<String> batch = SqlText.of(statement.text()).statements();
        if (model.isAzure() && batch.size() > 1) {
            AzureStatements.checkBatch(batch);
        }
        return batch.size() == 1 ? single(session, with(statement, batch.get(0))) : all(session, statement, batch);
    }

    private Answer all(SessionState session, SqlStatement statement, List<String> batch) throws InterruptedException {
        Answer answer = Answer.nothing();
        for (String each : batch) {
            answer.then(run(session, with(statement, each)));
        }
        return answer;
    }

    private Answer single(SessionState session, SqlStatement statement) throws InterruptedException {
        Answer known = rules.answer(session, statement);
        if (known == null) {
            known = conditions.answer(session, statement);
        }
        if (known != null) {
            return known;
        }
        if (Catalog.isOfCatalog(statement.text())) {
            return catalog.answer(session, statement);
        }
        if (OF_TABLES.matcher(statement.text()).matches()) {
            return tables.answer(session, statement);
        }
        throw Errors.unknown(statement.text());
    }

    private Answer ifAbsent(SessionState session, Template.Match match, int rest) throws InterruptedException {
        if (tables.isTable(session, match.text(0))) {
            return Answer.nothing();
        }
        var block = BLOCK.matcher(match.word(rest));
        return run(session, with(match.statement(), block.matches() ? block.group(1) : match.word(rest)));
    }

    private static SqlStatement with(SqlStatement statement, String text) {
        List<@Nullable Object> parameters = statement.parameters();
        return new SqlStatement(text, parameters);
    }
}
