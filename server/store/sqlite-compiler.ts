/**
 * SQLite looks at the value of a parameter that stands alone behind `limit` when it plans a query, and so plans it anew on each
 * execution, which takes longer than most queries themselves. It does not look into a sum.
 */
import { type LimitNode, SqliteDialect, SqliteQueryCompiler } from 'kysely';

export class PlannedOnceDialect extends SqliteDialect {
  override createQueryCompiler(): SqliteQueryCompiler {
    return new PlannedOnceCompiler();
  }
}

class PlannedOnceCompiler extends SqliteQueryCompiler {
  protected override visitLimit(node: LimitNode): void {
    this.append('limit 0 + ');
    this.visitNode(node.limit);
  }
}
