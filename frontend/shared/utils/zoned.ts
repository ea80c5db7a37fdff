export { instantOf, wallTimeAt, wallToUtc } from '@kennwilliamson/contracts/zoned'
