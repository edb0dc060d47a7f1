package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Answer;
import io.instanceworker.tds.SqlStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The statements that the server knows by their form. */
final class Rules {

    @FunctionalInterface
    interface Action {
        Answer answer(SessionState session, Template.Match match) throws InterruptedException;
    }

    @FunctionalInterface
    interface Change {
        void run(SessionState session, Template.Match match) throws InterruptedException;
    }

    private record Rule(Template template, Action action) {}

    private final List<Rule> rules = new ArrayList<>();

    void answer(String form, Action action) {
        rules.add(new Rule(new Template(form), action));
    }

    /** For a statement that only says whether it has failed. */
    void change(String form, Change change) {
        answer(form, (session, match) -> {
            change.run(session, match);
            return Answer.nothing();
        });
    }

    /** @return null if the statement is none of these */
    @Nullable Answer answer(SessionState session, SqlStatement statement) throws InterruptedException {
        for (Rule rule : rules) {
            Optional<Template.Match> match = rule.template().match(statement);
            if (match.isPresent()) {
                return rule.action().answer(session, match.orElseThrow());
            }
        }
        return null;
    }
}
