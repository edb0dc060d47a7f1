package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.provision.OwnershipMark;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The statements that take names and so cannot take parameters; every name and value is quoted here. */
final class Sql {

    /**
     * Settings whose value is a list of names that are quoted one by one. The same list as pg_dump's
     * {@code variable_is_guc_list_quote}.
     */
    private static final Set<String> LISTS_OF_NAMES = Set.of(
            "local_preload_libraries",
            "search_path",
            "session_preload_libraries",
            "shared_preload_libraries",
            "temp_tablespaces",
            "unix_socket_directories");

    private Sql() {}

    static String identifier(String name) {
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("A name cannot hold a NUL character");
        }
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A string constant that means the same whether or not {@code standard_conforming_strings} is on. */
    static String literal(String value) {
        String quoted = "'" + value.replace("'", "''").replace("\\", "\\\\") + "'";
        return value.indexOf('\\') >= 0 ? "E" + quoted : quoted;
    }

    /** Nobody may connect to it until it is complete. */
    static String create(String database, String template) {
        return "CREATE DATABASE " + identifier(database) + " TEMPLATE " + identifier(template)
                + " ALLOW_CONNECTIONS false IS_TEMPLATE false";
    }

    static String drop(String database) {
        return "DROP DATABASE IF EXISTS " + identifier(database);
    }

    /** From 13 on: ends the sessions too. */
    static String dropWithForce(String database) {
        return drop(database) + " WITH (FORCE)";
    }

    static String mark(String database, OwnershipMark mark) {
        return comment(database, mark.toJson());
    }

    /** @param text null for none */
    static String comment(String database, @Nullable String text) {
        return "COMMENT ON DATABASE " + identifier(database) + " IS " + (text == null ? "NULL" : literal(text));
    }

    static String owner(String database, String owner) {
        return "ALTER DATABASE " + identifier(database) + " OWNER TO " + identifier(owner);
    }

    static String connectionLimit(String database, int limit) {
        return "ALTER DATABASE " + identifier(database) + " CONNECTION LIMIT " + limit;
    }

    static String allowConnections(String database, boolean allowed) {
        return "ALTER DATABASE " + identifier(database) + " ALLOW_CONNECTIONS " + allowed;
    }

    static String rename(String database, String newName) {
        return "ALTER DATABASE " + identifier(database) + " RENAME TO " + identifier(newName);
    }

    /** @param role null for PUBLIC */
    static String revokeAll(String database, @Nullable String role) {
        return "REVOKE ALL ON DATABASE " + identifier(database) + " FROM " + role(role);
    }

    /**
     * @param privilege as {@code aclexplode} names it
     * @param role null for PUBLIC
     */
    static String grant(String database, String privilege, @Nullable String role, boolean grantable) {
        return "GRANT " + privilege + " ON DATABASE " + identifier(database) + " TO " + role(role)
                + (grantable ? " WITH GRANT OPTION" : "");
    }

    private static String role(@Nullable String role) {
        return role == null ? "PUBLIC" : identifier(role);
    }

    /**
     * @param role the role it is for; null for every role
     * @param setting {@code name=value} as {@code pg_db_role_setting} holds it
     */
    static String set(String database, @Nullable String role, String setting) {
        int equals = setting.indexOf('=');
        String name = setting.substring(0, equals);
        String value = setting.substring(equals + 1);
        String quotedValue = LISTS_OF_NAMES.contains(name.toLowerCase(Locale.ROOT))
                ? NameList.parse(value).stream().map(Sql::literal).collect(Collectors.joining(", "))
                : literal(value);
        return alterSettings(database, role) + " SET " + parameter(name) + " TO "
                + (quotedValue.isEmpty() ? "''" : quotedValue);
    }

    /** The statement that takes a setting off a database. */
    static String reset(String database, @Nullable String role, String name) {
        return alterSettings(database, role) + " RESET " + parameter(name);
    }

    private static String alterSettings(String database, @Nullable String role) {
        return role == null
                ? "ALTER DATABASE " + identifier(database)
                : "ALTER ROLE " + identifier(role) + " IN DATABASE " + identifier(database);
    }

    /** The name of a parameter, each part of which is quoted by itself. */
    static String parameter(String name) {
        return Arrays.stream(name.split("\\.")).map(Sql::identifier).collect(Collectors.joining("."));
    }

    /** A comma-separated list of names, each bare or in double quotes, as the server writes it back. */
    private static final class NameList {
        private static List<String> parse(String value) {
            return java.util.regex.Pattern.compile("\"((?:[^\"]|\"\")*+)\"|([^,\"\\s][^,\"]*)")
                    .matcher(value)
                    .results()
                    .map(m -> m.group(1) != null
                            ? m.group(1).replace("\"\"", "\"")
                            : m.group(2).strip())
                    .toList();
        }
    }
}
