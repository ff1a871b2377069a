/** Modules that a library asks for at its start, and has no use for here. */
export default {};
