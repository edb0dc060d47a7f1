package io.instanceworker.endtoend;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Databases that are there before any job is sent and that no job may touch: templates, unmanaged ones, those of others. */
final class UntouchedDatabases {

    private final Databases databases;
    private final Map<String, String> before = new TreeMap<>();
    private final Map<String, String> contents = new TreeMap<>();

    UntouchedDatabases(Databases databases, String... names) {
        this.databases = databases;
        for (String name : names) {
            before.put(name, identity(name));
            contents.put(name, contents(databases, name));
        }
    }

    Set<String> names() {
        return before.keySet();
    }

    String ownerOf(String name) {
        return databases.value(
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = " + Databases.literal(name));
    }

    /** What it held when it was first looked at. */
    String contentsOf(String name) {
        return contents.getOrDefault(name, "");
    }

    List<String> violations() {
        List<String> violations = new ArrayList<>();
        before.forEach((name, was) -> {
            String is = identity(name);
            if (!is.equals(was)) {
                violations.add("the bystander " + name + " was " + was + " and is " + (is.isEmpty() ? "gone" : is));
            } else if (!contents(databases, name).equals(contents.get(name))) {
                violations.add("the bystander " + name + " holds something else than before");
            }
        });
        return violations;
    }

    private String identity(String name) {
        return databases.value(
                "SELECT oid, pg_get_userbyid(datdba), datallowconn, shobj_description(oid, 'pg_database') FROM pg_database"
                        + " WHERE datname = " + Databases.literal(name));
    }

    /** All rows of all tables, shortened: equal for two databases if and only if they hold the same. */
    static String contents(Databases databases, String name) {
        List<String> tables = databases.rows(name, """
                SELECT format('%I.%I', n.nspname, c.relname)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                ORDER BY 1
                """);
        return tables.isEmpty()
                ? ""
                : String.join(
                        "\n",
                        databases.rows(
                                name,
                                String.join(
                                        " UNION ALL ",
                                        tables.stream()
                                                .map(UntouchedDatabases::digest)
                                                .toList())));
    }

    private static String digest(String table) {
        return "SELECT " + Databases.literal(table)
                + ", count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM " + table
                + " t";
    }
}
