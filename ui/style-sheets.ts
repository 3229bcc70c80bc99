/** A component of a chunk that is loaded later brings its style sheet along by importing it; what comes first is linked. */
declare module '*.css' {}
