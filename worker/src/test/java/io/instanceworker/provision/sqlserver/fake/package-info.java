/**
 * A fake SQL Server for tests: a model of a server's databases, files, sessions and locks that answers the statements which the
 * engine sends, and no others. It is no SQL Server: what it does is what the documentation of SQL Server says. The tables of its
 * databases are in H2.
 */
@NullMarked
package io.instanceworker.provision.sqlserver.fake;

import org.jspecify.annotations.NullMarked;
